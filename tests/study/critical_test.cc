#include "simulator/study/critical.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/study/simulation.h"
#include "simulator/study/step.h"
#include "simulator/workload/stages.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

CriticalProjection critical_of(const Scenario& scenario) {
  return simulate(scenario,
                  {.fidelity = Fidelity::kFolded, .threads = 2, .root = ".", .critical = true})
      .critical.value();
}

/// Llama 8B without a pipeline: nothing runs beside anything else.
Scenario serial_step() {
  Scenario scenario = dense_pipeline(*find_schedule("1f1b"));
  scenario.parallelism.pipeline = 1;
  scenario.stages.layers = {32};
  scenario.batch.sequences = 4 * 32;
  scenario.batch.ramp_sequences = 4 * 32;
  return scenario;
}

const CriticalCause& cause(const std::vector<CriticalCause>& causes, const std::string& name) {
  const auto found = std::find_if(causes.begin(), causes.end(),
                                  [&](const CriticalCause& one) { return one.name == name; });
  if (found == causes.end()) throw std::logic_error("no " + name);
  return *found;
}

// One op after another: a tenth less of a class is a tenth of its time on the path, and all classes
// together a tenth of the step. Each of some 600 phases is rounded to a picosecond.
TEST(Critical, InASerialStepATenthSavesATenth) {
  const CriticalProjection critical = critical_of(serial_step());
  double saved = 0;
  for (const CriticalCause& one : critical.classes) {
    EXPECT_NEAR(one.saved->value, one.time.value / 10, 1e-7) << one.name;
    saved += one.saved->value;
  }
  EXPECT_NEAR(saved, critical.time.value / 10, 1e-6);
  EXPECT_GT(critical.classes.size(), 4U);
}

TEST(Critical, HoursAreSavedInTheStepsProportion) {
  const Projection projection = simulate(
      serial_step(), {.fidelity = Fidelity::kFolded, .threads = 2, .root = ".", .critical = true});
  const CriticalCause& products = cause(projection.critical->classes, "linear layers");
  EXPECT_NEAR(*products.saved_gpu_hours / projection.run->gpu_hours,
              *products.saved / projection.critical->time, 1e-12);
}

// The NIC carries the gradients: reduce and gather at a tenth less time.
TEST(Critical, AFasterLinkShortensWhatGoesOverIt) {
  const Scenario scenario = serial_step();
  const CriticalProjection critical = critical_of(scenario);
  const CriticalCause& link = cause(critical.links, kScaleOut);
  EXPECT_NEAR(link.saved->value, link.time.value / 10, 1e-9);
  EXPECT_FALSE(cause(critical.links, kNoLink).saved.has_value());
}

// Dispatch and combine run behind compute most of the time: simulating says less than dividing.
TEST(Critical, WhatIsHiddenSavesLess) {
  Scenario scenario = small_cluster();
  scenario.assumptions.routing_deviation.value = 0;
  const ScheduleKind& schedule = main_schedule(scenario);
  const PricedStep priced = price_step(scenario, shipped_prices(), schedule);
  const auto time_of = [&](const StepPlan& plan) {
    return to_seconds(simulate_step(plan, 1).timeline.makespan).value;
  };
  const StepPlan usual = step_plan(scenario, priced, schedule, 4);
  const StepPlan faster = improved_plan(
      scenario, priced,
      {.name = "dispatch", .priced = ErrorClass::kDispatch, .waste = Waste::kPrices, .time = {0}});
  double dispatched = 0;
  const SimulatedStep step = simulate_step(usual, 1);
  for (OpId op = 0; op < static_cast<OpId>(op_count(step.step.graph)); ++op) {
    if (rank_of(step.step, op) != 0 || owner_of(step.step, op).kind != OpKind::kDispatch) continue;
    dispatched += to_seconds(op_at(step.step.graph, op).work).value;
  }
  EXPECT_LT(time_of(faster), time_of(usual));
  EXPECT_LT(time_of(usual) - time_of(faster), dispatched / 10);
}

TEST(Critical, WasteShrinksWhereItComesFrom) {
  Scenario scenario = small_cluster();
  scenario.assumptions.routing_deviation.value = 0.1;
  scenario.skew.speed = SpeedSkew{.deviation = {}, .stragglers = {{.rank = 3, .factor = 1.5}}};
  const PricedStep priced = price_step(scenario, shipped_prices(), main_schedule(scenario));
  const auto of = [&](Waste waste) {
    return improved_plan(scenario, priced,
                         {.name = "", .priced = ErrorClass::kNothing, .waste = waste, .time = {0}});
  };
  EXPECT_DOUBLE_EQ(of(Waste::kUneven).routing.deviation, 0.09);
  EXPECT_DOUBLE_EQ(of(Waste::kUneven).skew.time_factors[3], 1.45);
  EXPECT_NEAR(static_cast<double>(of(Waste::kSharing).nic_capacity),
              scenario.cluster.scale_out.peak.value / 0.9, 1);
  const PhaseTime usual = of(Waste::kSharing).blocks[0].alone.attention_forward;
  EXPECT_LT(of(Waste::kLaunchGaps).blocks[0].alone.attention_forward.fixed, usual.fixed);
}

}  // namespace
}  // namespace windtunnel
