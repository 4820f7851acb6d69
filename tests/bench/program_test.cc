// The built programs as a person runs them.
#include "tests/cli/program.h"

#include <gtest/gtest.h>

#include "bench/harness/measurement_folder.h"
#include "tests/base/temporary_folder.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

Ran run_bench(std::vector<std::string> words, const std::vector<std::string>& environment = {}) {
  words.insert(words.begin(), WINDTUNNEL_BENCH);
  return run_command(std::move(words), environment);
}

TEST(BenchProgram, RunsTheModelWithoutTimes) {
  const Ran ran = run_bench({"--device", "model", "--filter", "rms_norm.*m:4096/n:7168"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.find("modelled, not run"), 0U);
  EXPECT_NE(ran.out.find("right"), std::string::npos);
  EXPECT_EQ(ran.out.find(" us"), std::string::npos);
}

TEST(BenchProgram, WithoutAGpuItSaysSoAndExitsWith3) {
  const Ran ran = run_bench({"--filter", "copy"}, {"CUDA_VISIBLE_DEVICES="});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err.find("windtunnel-bench: no GPU to measure on: "), 0U) << ran.err;
}

TEST(BenchProgram, WrongUsageExitsWith2) {
  const Ran ran = run_bench({"--lsit"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.err,
            "windtunnel-bench: The following argument was not expected: --lsit\n"
            "  see windtunnel-bench --help\n");
}

TEST(BenchProgram, ListsItsCases) {
  const Ran ran = run_bench({"--list", "--filter", "router"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "router_select/fp32/windtunnel/m:4096/n:256/data:uniform\n");
}

// A100's casts are in no table of the tree: only what the suite writes can price them as measured.
TEST(BenchProgram, PricesComeFromTheFolderThatItWrites) {
  const TemporaryFolder tree;
  for (const char* folder : {"topologies", "scenarios", "bench/measurements"}) {
    std::filesystem::create_directories((tree.path / folder).parent_path());
    std::filesystem::copy(folder, tree.path / folder, std::filesystem::copy_options::recursive);
  }
  auto a100 = invented_run();
  a100.machine.gpu = "a100";
  std::vector<Result> results;
  for (const std::int64_t m : {1024, 2048, 4096, 8192}) {
    for (const std::int64_t n : {2048, 4096, 7168}) {
      const double us = 5 + 1e-6 * static_cast<double>(m * n);
      results.push_back(invented_result(rows_shape(Operation::kCast, Dtype::kBf16, m, n), us));
    }
  }
  const auto price = [&] {
    return run_program(
        {"price", "quantize", "--gpu", "a100", "--shape", "op=cast_1x128,dtype=fp8,m=4096,k=7168"},
        {"WINDTUNNEL_ROOT=" + tree.path.string()});
  };
  EXPECT_EQ(price().out.find("measured"), std::string::npos);
  write_files(tree.path / "bench/measurements", measurement_files(a100, results));
  const Ran ran = price();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("measured"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("windtunnel@0123456789ab"), std::string::npos) << ran.out;
  const std::string row = ran.out.substr(ran.out.find('\n') + 1);
  const std::string seconds = row.substr(std::string("cast_1x128,fp8,4096,7168,").size());
  EXPECT_NEAR(std::stod(seconds), 34.36e-6, 2e-6) << ran.out;
}

}  // namespace
}  // namespace windtunnel::bench
