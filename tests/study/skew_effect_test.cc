#include "simulator/study/skew_effect.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/study/simulation.h"
#include "simulator/study/step.h"
#include "simulator/workload/stages.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

Assumption<double> assumed(double value) {
  return {.value = value, .low = value, .high = value, .why = "test"};
}

Scenario hot_experts() {
  Scenario scenario = small_cluster();
  scenario.skew.routing = RoutingSkew{.zipf = assumed(0.4), .loads = {}};
  return scenario;
}

Seconds folded_time(const Scenario& scenario) {
  return folded_step_time(scenario, shipped_prices(), main_schedule(scenario), 4);
}

TEST(SkewEffect, ThereIsNoneWithoutSkew) {
  EXPECT_FALSE(skew_effect(small_cluster(), shipped_prices(), {1}).has_value());
}

TEST(SkewEffect, PopularExpertsMakeTheStepLonger) {
  EXPECT_GT(folded_time(hot_experts()).value, 1.1 * folded_time(small_cluster()).value);
}

TEST(SkewEffect, TheBalancerIsShownWithTheStepWithoutIt) {
  Scenario scenario = hot_experts();
  scenario.skew.eplb = BalancerPlan{.redundant = 64, .policy = BalancerPolicy::kHierarchical};
  const Seconds balanced = folded_time(scenario);
  const SkewProjection skew = skew_effect(scenario, shipped_prices(), balanced).value();
  EXPECT_EQ(skew.layers.size(), 59U);
  EXPECT_EQ(skew.policy, "hierarchical");
  EXPECT_GT(skew.plain, 1.5);
  EXPECT_LT(skew.placed, 1.3);
  EXPECT_EQ(skew.folded_step->value, balanced.value);
  EXPECT_EQ(skew.folded_without_balancer->value, folded_time(hot_experts()).value);
  EXPECT_LT(balanced, *skew.folded_without_balancer);
}

TEST(SkewEffect, TheSlowestRankIsNamed) {
  Scenario scenario = small_cluster();
  scenario.skew.speed = SpeedSkew{.deviation = {}, .stragglers = {{.rank = 3, .factor = 1.05}}};
  EXPECT_EQ(skew_effect(scenario, shipped_prices(), {1})->slowest, 1.05);
}

// What folded steps show is what all ranks do: 128 of them, one slow, no other spread. Sums of two
// halves of the cluster that share no NIC are the same.
TEST(SkewEffect, AStragglerCostsTheSameFoldedAndInFull) {
  Scenario scenario = small_cluster();
  scenario.assumptions.routing_deviation.value = 0;
  const PricedStep priced = price_step(scenario, shipped_prices(), main_schedule(scenario));
  scenario.skew.speed = SpeedSkew{.deviation = {}, .stragglers = {{.rank = 70, .factor = 1.05}}};
  const StepPlan plan = step_plan(scenario, priced, main_schedule(scenario), 4);
  EXPECT_EQ(folded_members(scenario), 2);
  EXPECT_EQ(simulate_step(plan, 2).timeline.makespan, simulate_step(plan, 64).timeline.makespan);
}

TEST(SkewEffect, WhatDoesNotFoldIsRefusedFolded) {
  Scenario scenario = small_cluster();
  scenario.skew.jitter = assumed(0.02);
  const auto simulated = [&](Fidelity fidelity) {
    return simulate(scenario, {.fidelity = fidelity, .threads = 2, .root = "."});
  };
  EXPECT_THROW(simulated(Fidelity::kFolded), ConfigError);
  const Projection full = simulated(Fidelity::kFull);
  EXPECT_EQ(full.skew->jitter, 0.02);
  EXPECT_GT(full.provenance.full_over_folded, 1);
}

}  // namespace
}  // namespace windtunnel
