#include "simulator/analysis/op_times.h"

#include <gtest/gtest.h>

#include <cstring>

#include "simulator/workload/schedules/overlapped_pair.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

TEST(OpTimes, PhasesAreCalledAsInDualPipe) {
  EXPECT_EQ(phase_name(Phase::kAttentionForward), "attn(F)");
  EXPECT_EQ(phase_name(Phase::kCombineBackward), "combine(B)");
  EXPECT_EQ(phase_name(Phase::kAttentionWeight), "attn(W)");
}

/// The only op of a phase on rank 0.
OpId op_of(const TrainingStep& step, Phase phase) {
  for (std::size_t row = 0; row < step.owners.size(); ++row) {
    const RowOwner& owner = step.owners[row];
    if (owner.pipeline_rank == 0 && owner.phase == phase && owner.position == 0) {
      return op_id(step.graph, static_cast<RowId>(row), 0);
    }
  }
  throw std::logic_error("no such phase");
}

// Loads of two ranks are uneven and the first is slow: neither shows. In a pair its own price
// counts, beside that of the phase alone.
TEST(OpTimes, LeaveOutLoadAndSlownessAndKnowTheSetting) {
  StepPlan plan = testing::routed_plan(overlapped_pair(), 1, 2, 2, 2, 0.2);
  plan.update.clear();
  plan.skew.time_factors = {1.3, 1};
  plan.blocks[0].alone.mlp_forward = testing::kernels({400}, {2800});
  plan.blocks[0].alone.dispatch_forward.time = {4000};
  const TrainingStep step = lower(plan, 2);
  const OpId mlp = op_of(step, Phase::kMlpForward);
  EXPECT_TRUE(is_paired(step, owner_of(step, mlp)));
  EXPECT_NE(op_at(step.graph, mlp).work.count, 4000);
  EXPECT_EQ(op_times(plan, step, mlp).even.count, 4000);
  EXPECT_EQ(op_times(plan, step, mlp).alone.count, 3200);
  const OpTimes dispatch = op_times(plan, step, op_of(step, Phase::kDispatchForward));
  EXPECT_EQ(dispatch.even.count, 4200);
  EXPECT_EQ(dispatch.alone.count, 4000);
}

TEST(OpTimes, AChunkAloneHasThePricesOfThatSetting) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 1, 1, 0);
  plan.blocks[0].paired.mlp_forward = testing::kernels({1}, {1});
  const TrainingStep step = lower(plan, 1);
  const OpId mlp = op_of(step, Phase::kMlpForward);
  EXPECT_FALSE(is_paired(step, owner_of(step, mlp)));
  EXPECT_EQ(op_times(plan, step, mlp).even.count, 4000);
  EXPECT_EQ(op_times(plan, step, mlp).alone.count, 4000);
}

TEST(OpTimes, TheOptimizerHasItsPriceAndMarksNothing) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 1, 1, 0);
  plan.skew.time_factors = {2};
  const TrainingStep step = lower(plan, 1);
  std::int64_t sum = 0;
  for (OpId op = 0; op < static_cast<OpId>(op_count(step.graph)); ++op) {
    if (owner_of(step, op).kind == OpKind::kUpdate) sum += op_times(plan, step, op).even.count;
  }
  EXPECT_EQ(sum, 500);
}

}  // namespace
}  // namespace windtunnel
