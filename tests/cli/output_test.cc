#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator all(folder);
  return std::distance(begin(all), end(all));
}

TEST(Output, AFileHoldsThePageAndStdoutTheHeadline) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "page.html";
  const Ran written = run_program({"report", kPair, "-o", file});
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_EQ(written.out.find("DeepSeek-V3 overlapped pair"), 0U) << written.out;
  EXPECT_EQ(files_in(folder.path), 1);
  EXPECT_NE(read_text_file(file).find("</html>"), std::string::npos);
}

TEST(Output, AMissingFolderLeavesNothingBehind) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "none" / "x.json";
  const Ran ran = run_program({"simulate", kPair, "--json", file});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "windtunnel: can't write `" + file + "`: No such file or directory\n");
  EXPECT_EQ(files_in(folder.path), 0);
}

TEST(Output, AFailedRunKeepsTheOldFile) {
  const TemporaryFolder folder;
  const std::string file = folder.write("x.json", "old");
  EXPECT_EQ(run_program({"simulate", kPair, "--json", file, "--set", "batch.sequences=1"}).code, 2);
  EXPECT_EQ(read_text_file(file), "old");
  EXPECT_EQ(files_in(folder.path), 1);
}

TEST(Output, AFullDiskIsReported) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const Ran ran = run_program({"simulate", kPair, "--json", "/dev/full"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("/dev/full"), std::string::npos) << ran.err;
}

TEST(Output, PairsHaveAKey) {
  for (const char* text : {"foo", "=1"}) {
    const Ran ran = run_program({"simulate", kPair, "--set", text});
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.err, std::string("windtunnel: --set ") + text + ": expected key=value\n");
  }
}

}  // namespace
}  // namespace windtunnel
