#include "simulator/study/unfolded_sensitivity.h"

#include <gtest/gtest.h>

#include "simulator/workload/stages.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

Sensitivity of_others(double width) {
  return {.step = {1},
          .assumptions = {},
          .classes = {},
          .step_low = width,
          .step_high = width,
          .run_low = width,
          .run_high = width};
}

Scenario scattered() {
  Scenario scenario = small_cluster();
  scenario.assumptions.routing_deviation.value = 0;
  scenario.skew.jitter = Assumption<double>{.value = 0.02, .low = 0, .high = 0.05, .why = "test"};
  return scenario;
}

TEST(UnfoldedSensitivity, ThereIsNothingToAskOfAlikeRanks) {
  const Scenario scenario = small_cluster();
  const PricedStep priced = price_step(scenario, shipped_prices(), main_schedule(scenario));
  EXPECT_TRUE(unfolded_ranges(scenario, priced).empty());
}

// The more ops scatter, the longer the last of a group takes.
TEST(UnfoldedSensitivity, JitterIsTakenToTheEndsOfItsRange) {
  const Scenario scenario = scattered();
  const PricedStep priced = price_step(scenario, shipped_prices(), main_schedule(scenario));
  const std::vector<UnfoldedRange> ranges = unfolded_ranges(scenario, priced);
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges[0].what, "skew.jitter");
  ASSERT_EQ(ranges[0].steps.size(), 2U);
  EXPECT_LT(ranges[0].steps[0], ranges[0].steps[1]);
}

// 8 and 12 seconds around 10 are 0.2 either way; with 0.15 of others, 0.25 in quadrature.
TEST(UnfoldedSensitivity, ItAddsToTheIntervalInQuadrature) {
  const Assumption<double> jitter{.value = 0.02, .low = 0, .high = 0.05, .why = "test"};
  Sensitivity result = of_others(0.15);
  add_unfolded(result, {{.what = "skew.jitter", .assumption = &jitter, .steps = {{8}, {12}}}},
               {10});
  EXPECT_NEAR(result.step_low, 0.25, 1e-12);
  EXPECT_NEAR(result.run_high, 0.25, 1e-12);
  ASSERT_EQ(result.assumptions.size(), 1U);
  EXPECT_EQ(result.assumptions[0].range, "0 to 0.05");
  EXPECT_NEAR(result.assumptions[0].step_low, 0.8, 1e-12);
  EXPECT_NEAR(result.assumptions[0].run_high, 1.2, 1e-12);
}

}  // namespace
}  // namespace windtunnel
