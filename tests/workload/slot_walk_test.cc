#include "simulator/workload/slot_walk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/engine/run.h"
#include "simulator/workload/training_step.h"
#include "tests/workload/random_plans.h"

namespace windtunnel {
namespace {

std::vector<StageTimes> stage_times_of(const StepPlan& plan) {
  std::vector<StageTimes> stages;
  for (const auto& blocks : plan.stages) stages.push_back(stage_times(plan.blocks, blocks));
  return stages;
}

RC_GTEST_PROP(SlotWalk, NoStepIsShorter, ()) {
  const StepPlan plan = some_plan();
  const auto bound =
      static_cast<double>(least_walk(*plan.schedule, plan.shape, stage_times_of(plan)).count);
  for (const int members : {1, 4, 8}) {
    RC_ASSERT(bound * (1 - 1e-6) <=
              static_cast<double>(run(lower(plan, members).graph).makespan.count));
  }
}

}  // namespace
}  // namespace windtunnel
