#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/noise_shapes.h"
#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

/// Google Benchmark's JSON of invented results.
std::string google_json(const InventedFile& file) {
  nlohmann::json rows = nlohmann::json::array();
  for (const BenchmarkSamples& it : invented(file).benchmarks) {
    for (const double seconds : it.seconds) {
      rows.push_back({{"name", it.name}, {"real_time", seconds * 1e9}, {"time_unit", "ns"}});
    }
  }
  return nlohmann::json{{"context", {{"host_name", "h"}}}, {"benchmarks", rows}}.dump();
}

struct Files {
  TemporaryFolder folder;
  std::string base = folder.write("base.json", google_json({NoiseShape::kNormal, 1}));
  std::string same = folder.write("same.json", google_json({NoiseShape::kNormal, 2}));
  std::string slow = folder.write(
      "slow.json",
      google_json({.shape = NoiseShape::kNormal, .seed = 3, .slow = 7, .factor = 1.05}));
};

TEST(Compare, ExitCodesAreTheInterfaces) {
  const Files files;
  EXPECT_EQ(run_program({"compare", files.base, files.same}).code, 0);
  const Ran slow = run_program({"compare", files.base, files.slow});
  EXPECT_EQ(slow.code, 1);
  EXPECT_NE(slow.out.find("REGRESSED  kernel_7"), std::string::npos) << slow.out;
  EXPECT_EQ(run_program({"compare", files.base, files.slow, "--fail-on", "none"}).code, 0);
  EXPECT_EQ(run_program({"compare", files.base, files.same, "--fail-on", "undecided"}).code, 4);
  EXPECT_EQ(
      run_program({"compare", files.base, files.slow, "--fail-on", "regressed,undecided"}).code, 1);
  EXPECT_EQ(run_program({"compare", files.base, files.slow, "--confirm", files.same}).code, 0);
  EXPECT_EQ(run_program({"compare", files.base, "missing.json"}).code, 2);
  EXPECT_EQ(run_program({"compare", files.base, files.slow, "--fail-on", "nothing"}).code, 2);
  EXPECT_EQ(run_program({"compare", files.base, files.slow, "--accept", "x"}).code, 2);
}

TEST(Compare, RunsAreTakenOutOfADatabase) {
  const Files files;
  const std::string database = files.folder.path / "r.db";
  for (const auto& [file, commit] : {std::pair{files.base, "aaaa1"}, {files.slow, "bbbb2"}}) {
    ASSERT_EQ(run_program({"import", file, "--database", database, "--commit", commit}).code, 0);
  }
  const Ran slow = run_program({"compare", "--database", database, "aaaa", "2"});
  EXPECT_EQ(slow.code, 1) << slow.err;
  EXPECT_NE(slow.out.find("REGRESSED  kernel_7"), std::string::npos) << slow.out;
  EXPECT_EQ(run_program({"compare", "--database", database, "aaaa", "cccc"}).code, 2);
  EXPECT_EQ(run_program({"compare", "--database", database, "1", "2", "--accept", "x"}).code, 2);
}

TEST(Compare, ARunDoesNotConfirmItself) {
  const Files files;
  const Ran ran = run_program({"compare", files.base, files.slow, "--confirm", files.slow});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("another run"), std::string::npos) << ran.err;
}

TEST(Compare, BenchmarksMayHaveTheirOwnMinimumEffect) {
  const Files files;
  const std::string effects = files.folder.write(
      "e.toml", "[[effect]]\nbenchmark = \"*_7\"\nminimum = 0.2\nreason = \"noisy\"\n");
  EXPECT_EQ(run_program({"compare", files.base, files.slow, "--effects", effects}).code, 0);
  const std::string broken = files.folder.write("b.toml", "[[effect]]\nbenchmark = \"*_7\"\n");
  const Ran ran = run_program({"compare", files.base, files.slow, "--effects", broken});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("b.toml:1:"), std::string::npos) << ran.err;
}

TEST(Compare, ATruncatedFileIsRefusedWithItsByte) {
  const Files files;
  const std::string cut = read_text_file(files.slow).substr(0, 5000);
  const std::string path = files.folder.write("cut.json", cut);
  const Ran ran = run_program({"compare", files.base, path});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("not JSON at byte 5000 of 5000"), std::string::npos) << ran.err;
}

TEST(Compare, WritesEveryOutputItIsAskedFor) {
  const Files files;
  std::vector<std::string> words = {"compare", files.base, files.slow, "--github"};
  for (const char* option :
       {"json", "html", "junit", "step-summary", "benchmark-action", "openmetrics"}) {
    words.push_back("--" + std::string(option));
    words.push_back(files.folder.path / option);
  }
  const Ran ran = run_program(words);
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.out.find("::error title=Regressed%3A kernel_7::"), std::string::npos);
  for (std::size_t i = 5; i < words.size(); i += 2) {
    EXPECT_NE(read_text_file(words[i]).find("kernel_7"), std::string::npos) << words[i];
  }
  const Ran document = run_program({"compare", files.base, files.slow, "--json", "-"});
  EXPECT_EQ(nlohmann::json::parse(document.out)["counts"]["regressed"], 1);
}

TEST(Compare, ProjectionsAreComparedExactlyAndGatedByAnAcceptFile) {
  const TemporaryFolder folder;
  const std::string base = folder.path / "base.json";
  const std::string now = folder.path / "new.json";
  ASSERT_EQ(run_program({"simulate", kPair, "--json", base}).code, 0);
  ASSERT_EQ(
      run_program({"simulate", kPair, "--json", now, "--set", "assumptions.launch_gap.value=3 us"})
          .code,
      0);
  const Ran same = run_program({"compare", base, base});
  EXPECT_EQ(same.code, 0);
  EXPECT_EQ(same.out, "the projections are the same\n");
  const Ran changed = run_program({"compare", base, now});
  EXPECT_EQ(changed.code, 1);
  EXPECT_NE(changed.out.find("launch_gap"), std::string::npos) << changed.out;
  const std::size_t at = changed.out.find("[[accept]]");
  ASSERT_NE(at, std::string::npos);
  const std::string accept = folder.write("accept.toml", changed.out.substr(at));
  EXPECT_EQ(run_program({"compare", base, now, "--accept", accept}).code, 0);
  EXPECT_EQ(run_program({"compare", base, now, "--junit", "-"}).code, 2);
}

}  // namespace
}  // namespace windtunnel
