#include "bench/harness/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "simulator/base/text_file.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

/// With WINDTUNNEL_ACCEPT set the golden file is written instead.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = "tests/bench/golden/" + name;
  if (std::getenv("WINDTUNNEL_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(read_text_file(path), text) << path << ": ./run accept rewrites it";
}

std::vector<Result> invented_results() {
  const KernelShape norm = rows_shape(Operation::kRmsNorm, Dtype::kBf16, 4096, 7168);
  const KernelShape product = gemm_shape(4096, 4096, 7168);
  std::vector<Result> results{invented_result(norm, 30),
                              invented_result(norm, 28, "windtunnel", Data::kZeros),
                              invented_result(product, 320, "cublaslt"),
                              invented_result(product, 400),
                              invented_result(norm, 30),
                              invented_result(norm, 30)};
  results[0].collected.notes = {"the clock moved between 1755 and 1980 MHz: compare cycles"};
  results[4].collected = {.samples = {}, .throttled = 20, .notes = {"no result: 0 samples"}};
  results[5].collected.samples.clear();
  results[5].wrong = "row 3, column 5: 1.000000, expected 2.000000 within 0.010000";
  return results;
}

TEST(BenchTable, ShowsEveryResultBesideRoofPublishedAndTarget) {
  expect_golden("gpu_table.txt",
                gpu_table(invented_run(), load_figures("bench"), invented_results()));
}

TEST(BenchTable, AnUnknownGpuHasTimesOnly) {
  auto run = invented_run();
  run.machine.gpu = "";
  run.machine.device = "NVIDIA B200";
  expect_golden("unknown_gpu_table.txt", gpu_table(run, load_figures("bench"), invented_results()));
}

TEST(BenchTable, TheModelHasCountsAndNoTimes) {
  std::vector<ModelResult> results;
  const KernelShape tiny = gemm_shape(128, 128, 64);
  const Case item{tiny, tiny, "windtunnel", Data::kUniform};
  results.push_back(
      {item, {.failure = "", .bank_conflicts = 3, .switches = 400, .landings = 12}, ""});
  results.push_back({item, {.failure = "a race\nbetween two lines"}, ""});
  results.push_back({item, {.failure = ""}, "row 1, column 2: 3, expected 4 within 0"});
  const std::string text = model_table(results);
  expect_golden("model_table.txt", text);
  EXPECT_EQ(text.find("us"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel::bench
