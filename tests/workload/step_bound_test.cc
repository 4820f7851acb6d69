#include "simulator/workload/step_bound.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/engine/run.h"
#include "simulator/workload/training_step.h"
#include "tests/workload/random_plans.h"

namespace windtunnel {
namespace {

Picoseconds bound_of(const StepPlan& plan) {
  std::vector<StageTimes> stages;
  for (const auto& blocks : plan.stages) stages.push_back(stage_times(plan.blocks, blocks));
  return least_step(slot_profile(*plan.schedule, plan.shape), stages);
}

Picoseconds simulated(const StepPlan& plan, int members) {
  return run(lower(plan, members).graph).makespan;
}

/// Rounding of each op is all that the bound may exceed a step by.
RC_GTEST_PROP(StepBound, NoStepIsShorter, ()) {
  const StepPlan plan = some_plan();
  const auto bound = static_cast<double>(bound_of(plan).count);
  for (const int members : {1, 4, 8}) {
    RC_ASSERT(bound * (1 - 1e-6) <= static_cast<double>(simulated(plan, members).count));
  }
}

/// Free communication and equal stages: the last rank of 1F1B fills, works and drains.
TEST(StepBound, ItIsTheStepWhereNothingIsHidden) {
  const PhaseTime phase{
      .fixed = {1000}, .routed = {0}, .tensor = {}, .tensor_beside = {}, .context = {}};
  BlockTimes times{};
  times.attention_forward = times.mlp_forward = times.mlp_backward = times.attention_backward =
      times.mlp_weight = times.attention_weight = phase;
  const ScheduleKind& kind = *find_schedule("1f1b");
  StepPlan plan{
      .schedule = &kind,
      .shape = shape_of(kind, 4, 10, 1),
      .hand_on = HandOn::kWhenReady,
      .data_ranks = 1,
      .expert_ranks = 1,
      .shard_ranks = 1,
      .blocks = {{.layer = true, .routed = false, .paired = times, .alone = times, .shard = {}}},
      .stages = {{0}, {0}, {0}, {0}},
      .pairing = Pairing::kLayers,
      .send = {{0}, 0},
      .nic_capacity = 50'000'000,
      .routing = {.deviation = 0, .seed = 1},
      .update = {}};
  // Gradients leave before the last weight gradients of their slot.
  EXPECT_EQ(bound_of(plan).count, 10 * 6000 + 3 * 2000 + 3 * 3000 - 1000);
  EXPECT_EQ(simulated(plan, 1).count, bound_of(plan).count + 1000);
}

}  // namespace
}  // namespace windtunnel
