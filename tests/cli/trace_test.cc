#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(TraceCommand, WritesWhatTheNameSays) {
  const TemporaryFolder folder;
  for (const char* name : {"a.pftrace", "a.pftrace.gz", "a.json", "a.json.gz"}) {
    const Ran ran = run_program({"trace", kPair, "-o", folder.path / name, "--quiet"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    EXPECT_GT(std::filesystem::file_size(folder.path / name), 100U);
  }
  const auto trace = nlohmann::json::parse(read_text_file(folder.path / "a.json"));
  EXPECT_EQ(trace.at("distributedInfo").at("world_size"), 64);
}

TEST(TraceCommand, AGraphIsAFileAGpu) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"trace", kPair, "-o", folder.path / "a.et", "--progress", "never"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(std::filesystem::exists(folder.path / "a.0.et"));
  EXPECT_TRUE(std::filesystem::exists(folder.path / "a.63.et"));
  EXPECT_TRUE(std::filesystem::exists(folder.path / "a.groups.json"));
}

TEST(TraceCommand, RefusesWhatNoViewerOpensUnlessForced) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "a.json";
  std::vector<std::string> words{"trace", kPair,     "-o",     file,     "--ranks",
                                 "all",   "--level", "kernel", "--quiet"};
  words.insert(words.end(), {"--set", "cluster.nodes=16", "--set", "batch.sequences=256", "--set",
                             "batch.ramp_sequences=256"});
  const Ran refused = run_program(words);
  EXPECT_EQ(refused.code, 2) << refused.err;
  EXPECT_NE(refused.err.find("128 ranks in one Kineto file"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(file));
  words.push_back("--force");
  EXPECT_EQ(run_program(words).code, 0);
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(TraceCommand, SaysWhatItCannotExport) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "a.json";
  const Ran serving = run_program({"trace", kServing, "-o", file});
  EXPECT_EQ(serving.code, 2);
  EXPECT_NE(serving.err.find("only training steps are exported"), std::string::npos);
  EXPECT_EQ(run_program({"trace", kPair, "-o", "a.svg"}).code, 2);
  EXPECT_EQ(run_program({"trace", kPair, "-o", file, "--ranks", "64"}).code, 2);
  EXPECT_EQ(run_program({"trace", kPair, "-o", file, "--window", "1..2"}).code, 2);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(TraceCommand, AWindowBehindTheStepIsRefused) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "a.json";
  const Ran behind = run_program({"trace", kPair, "-o", file, "--window", "8000 s..9000 s"});
  EXPECT_EQ(behind.code, 2);
  EXPECT_NE(behind.err.find("--window 8000 s..9000 s: nothing is there, the step ends at "),
            std::string::npos)
      << behind.err;
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(run_program({"trace", kPair, "-o", file, "--window", "0 s..9000 s", "--quiet"}).code,
            0);
}

#if defined(WINDTUNNEL_PROTOC)
TEST(TraceCommand, ProtocDecodesWhatIsWritten) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "a.pftrace";
  ASSERT_EQ(run_program({"trace", kPair, "-o", file, "--quiet"}).code, 0);
  const Ran decoded =
      run_command({"/bin/sh", "-c", "\"$1\" --decode_raw < \"$2\"", "sh", WINDTUNNEL_PROTOC, file});
  EXPECT_EQ(decoded.code, 0) << decoded.err;
  EXPECT_NE(decoded.out.find("rank 0, pipeline rank 0"), std::string::npos);
  EXPECT_NE(decoded.out.find("\"attn(F)\""), std::string::npos);
}
#endif

}  // namespace
}  // namespace windtunnel
