#include "bench/harness/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

TEST(BenchJson, KeepsEverySampleAndWhatIsNeededToJudgeIt) {
  const Figures figures = load_figures("bench");
  const KernelShape norm = rows_shape(Operation::kRmsNorm, Dtype::kBf16, 4096, 7168);
  std::vector<Result> results{invented_result(norm, 30), invented_result(norm, 30, "cublaslt")};
  results[1].collected = {.samples = {}, .throttled = 3, .notes = {"why"}};
  const auto json = nlohmann::json::parse(results_json(invented_run(), figures, results));
  EXPECT_EQ(json["schema"], "windtunnel/bench");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["regime"], "burst");
  EXPECT_EQ(json["date"], "2001-02-03");
  const auto& row = json["results"][0];
  EXPECT_EQ(row["samples"]["ns"].size(), 11U);
  EXPECT_EQ(row["samples"]["mhz"][0], 1980.0);
  EXPECT_EQ(row["floor_bytes"], 4.0 * 4096 * 7168);
  EXPECT_NEAR(row["median_us"].get<double>(), 30, 1e-9);
  EXPECT_NEAR(row["cycles"].get<double>(), 30 * 1980, 1e-6);
  EXPECT_NEAR(row["fraction_of_measured_roof"].get<double>(), 4.0 * 4096 * 7168 / 4.3e12 / 30e-6,
              1e-9);
  EXPECT_EQ(row["target"], "must");
  EXPECT_EQ(row["code"], "c0de");
  const auto& none = json["results"][1];
  EXPECT_FALSE(none.contains("median_us"));
  EXPECT_EQ(none["throttled"], 3);
  EXPECT_EQ(none["code"], "");  // another library's
  EXPECT_EQ(none["notes"][0], "why");
}

TEST(BenchJson, SaysThatVirtualRanksCrossNoLink) {
  const KernelShape local{Operation::kLoopbackDispatch, Dtype::kFp8, 4096, 7168, 8, 8};
  const KernelShape norm = rows_shape(Operation::kRmsNorm, Dtype::kBf16, 4096, 7168);
  const std::vector<Result> results{invented_result(local, 400), invented_result(norm, 30)};
  const auto json =
      nlohmann::json::parse(results_json(invented_run(), load_figures("bench"), results));
  EXPECT_EQ(json["results"][0]["link"], "none, loop-back");
  EXPECT_FALSE(json["results"][1].contains("link"));
}

}  // namespace
}  // namespace windtunnel::bench
