#include "bench/harness/google_benchmark.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

TEST(GoogleBenchmark, MeasuresEachCaseOnceAndWritesItsMedian) {
  std::vector<Result> given{invented_result(gemm_shape(1, 2, 3), 50),
                            invented_result(gemm_shape(4, 5, 6), 70)};
  given[1].collected.samples.clear();
  std::vector<Case> cases;
  for (const Result& it : given) cases.push_back(it.item);
  std::size_t calls = 0;
  std::ostringstream text;
  const std::vector<Result> results = run_benchmarks(
      cases, invented_run(), [&](const Case&) { return given.at(calls++); }, text);
  EXPECT_EQ(calls, 2U);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].collected.samples.size(), 11U);

  const auto json = nlohmann::json::parse(text.str());
  EXPECT_EQ(json["context"]["gpu"], "NVIDIA H200");
  const auto& rows = json["benchmarks"];
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_NEAR(rows[0]["real_time"].get<double>(), 50, 1e-6);
  EXPECT_EQ(rows[0]["samples"], 11.0);
  EXPECT_EQ(rows[0]["time_unit"], "us");
  EXPECT_EQ(rows[1]["error_occurred"], true);
}

}  // namespace
}  // namespace windtunnel::bench
