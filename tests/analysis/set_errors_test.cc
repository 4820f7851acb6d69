#include "simulator/analysis/set_errors.h"

#include <gtest/gtest.h>

#include <limits>

namespace windtunnel {
namespace {

ComparisonRow run_with(double error) {
  return {.model = "M",
          .quantity = "step_s",
          .unit = "s",
          .published = 1,
          .projected = 1 + error,
          .low = {},
          .high = {},
          .error = error,
          .tolerance = {},
          .provenance = "invented",
          .source = "here",
          .comparable = true,
          .reason = "",
          .set = "M"};
}

SetSummary summary_of(const std::vector<double>& errors, std::optional<double> tolerance = {}) {
  std::vector<ComparisonRow> runs;
  for (const double error : errors) runs.push_back(run_with(error));
  return set_summary(
      {.model = "M", .source = "here", .target = 0.1, .tolerance = tolerance, .missed = ""}, runs);
}

// |errors| sorted: 0.05, 0.1, 0.2, 0.3, 0.4; signed: -0.3, -0.1, 0.05, 0.2, 0.4.
TEST(SetErrors, AreMediansAndQuantiles) {
  const SetSummary all = summary_of({0.4, -0.1, 0.05, -0.3, 0.2});
  EXPECT_EQ(all.runs, 5);
  EXPECT_DOUBLE_EQ(all.median_absolute, 0.2);
  EXPECT_DOUBLE_EQ(all.p90_absolute, 0.36);  // 0.6 of the way from 0.3 to 0.4
  EXPECT_DOUBLE_EQ(all.median_signed, 0.05);
  EXPECT_EQ(all.within_target, 2);
}

TEST(SetErrors, TheWorstRunsComeFirstAndAreFew) {
  const SetSummary all = summary_of({0.1, -0.7, 0.2, 0.3, 0.4, 0.5, 0.6});
  ASSERT_EQ(all.worst.size(), 5U);
  EXPECT_EQ(all.worst.front().error.value(), -0.7);
  EXPECT_EQ(all.worst.back().error.value(), 0.3);
}

TEST(SetErrors, OnlyAToleranceCanFail) {
  EXPECT_FALSE(fails(summary_of({0.5})));
  EXPECT_TRUE(fails(summary_of({0.5}, 0.4)));
  EXPECT_FALSE(fails(summary_of({-0.3}, 0.4)));
  EXPECT_TRUE(fails(summary_of({std::numeric_limits<double>::quiet_NaN()}, 0.4)));
}

}  // namespace
}  // namespace windtunnel
