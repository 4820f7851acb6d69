#include "simulator/analysis/overlap.h"

#include <gtest/gtest.h>

#include <numeric>

#include "simulator/engine/run.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

const CommunicationKind& kind(const CommunicationProjection& all, const std::string& name) {
  for (const CommunicationKind& one : all.kinds) {
    if (one.name == name) return one;
  }
  throw std::logic_error("no " + name);
}

// A single overlapped slot of one layer, phases from routed_plan(). Compute: attn(F) 0-4000,
// mlp(B) 4000-9000 (combine(B) ran 0-3600), mlp(W) 9000-14000, mlp(F) 14000-18000, attn(B)
// 18000-27000, attn(W) 27000-29400; dispatch(F) 4000-8200, dispatch(B) 9000-15000, combine(F)
// 18000-24000. All hidden.
TEST(Overlap, HidesEverythingBehindLongerCompute) {
  StepPlan plan = testing::routed_plan(overlapped_pair(), 1, 2, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  const TrainingStep step = lower(plan, 1);
  const Timeline timeline = run(step.graph);
  EXPECT_EQ(timeline.makespan.count, 29'400);
  const CommunicationProjection all = overlap(plan, step, timeline);
  EXPECT_NEAR(all.total.value, (3600 + 4200 + 6000 + 6000) * 1e-12, 1e-18);
  EXPECT_NEAR(all.exposed.value, 0, 1e-18);
  EXPECT_NEAR(kind(all, "dispatch").total.value, (4200 + 6000) * 1e-12, 1e-18);
}

// One forward chunk alone on one rank: attn 4000, dispatch 4200, mlp 4000, combine 6000, nothing
// overlaps; the backward overlaps its weight gradients: combine(B) 3600 exposed, dispatch(B) 6000
// beside mlp(W) 5000.
TEST(Overlap, ExposesTransfersOfAChunkAlone) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  const TrainingStep step = lower(plan, 1);
  const CommunicationProjection all = overlap(plan, step, run(step.graph));
  EXPECT_NEAR(all.exposed.value, (4200 + 6000 + 3600 + 1000) * 1e-12, 1e-18);
  EXPECT_NEAR(all.hidden_fraction, 1 - 14.8 / 19.8, 1e-9);
}

TEST(Overlap, WaitsForTheSlowestOfTheGroup) {
  const StepPlan even = testing::routed_plan(*find_schedule("dualpipe"), 4, 12, 8, 8, 0);
  const StepPlan skewed = testing::routed_plan(*find_schedule("dualpipe"), 4, 12, 8, 8, 0.2);
  const auto waiting = [](const StepPlan& plan) {
    const TrainingStep step = lower(plan, 8);
    const CommunicationProjection all = overlap(plan, step, run(step.graph));
    return kind(all, "dispatch").waiting + kind(all, "combine").waiting;
  };
  EXPECT_NEAR(waiting(even).value, 0, 1e-18);
  EXPECT_GT(waiting(skewed).value, 0);
}

// Alone mlp(F) and dispatch(F) take four fifths of what they take in the pair: a fifth of their
// 4000 and 4200 is due to the other chunk, and nothing of the other phases.
TEST(Overlap, SaysWhatThePricesOfAPairCarry) {
  StepPlan plan = testing::routed_plan(overlapped_pair(), 1, 2, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  BlockTimes& alone = plan.blocks[0].alone;
  alone.mlp_forward = testing::kernels({400}, {2800});
  alone.dispatch_forward.time = {3360};
  const TrainingStep step = lower(plan, 1);
  const CommunicationProjection all = overlap(plan, step, run(step.graph));
  EXPECT_NEAR(kind(all, "dispatch").beside.value, 840e-12, 1e-18);
  EXPECT_EQ(kind(all, "dispatch").sharing.value, 0);
  EXPECT_EQ(kind(all, "combine").beside.value, 0);
  ASSERT_EQ(all.compute.size(), 6U);
  EXPECT_EQ(all.compute[1].name, "mlp(F)");
  EXPECT_NEAR(all.compute[1].beside.value, 800e-12, 1e-18);
  EXPECT_NEAR(all.compute[1].total.value, 4000e-12, 1e-18);
  EXPECT_EQ(all.compute[0].beside.value, 0);
}

// Dispatch of 25 000 a second on a NIC of 12 500 takes twice its 4200.
TEST(Overlap, SaysWhatSharingTheNicAdds) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 12'500;
  const TrainingStep step = lower(plan, 1);
  const CommunicationProjection all = overlap(plan, step, run(step.graph));
  EXPECT_NEAR(kind(all, "dispatch").sharing.value, (4200 + 6000 * 1.4) * 1e-12, 2e-15);
  EXPECT_NEAR(kind(all, "dispatch").total.value, (4200 * 2 + 6000 * 2.4) * 1e-12, 2e-15);
}

// One stage, one chunk: attn(F) 4000 and mlp(F) 4000 with nothing beside them, mlp(W) 5000 beside
// dispatch(B) of 6000.
TEST(Overlap, ComputeIsExposedWhereNothingIsCommunicated) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  const TrainingStep step = lower(plan, 1);
  const CommunicationProjection all = overlap(plan, step, run(step.graph));
  EXPECT_NEAR(all.compute[0].exposed.value, 4000e-12, 1e-18);
  EXPECT_EQ(all.compute[4].name, "mlp(W)");
  EXPECT_NEAR(all.compute[4].exposed.value, 0, 1e-18);
}

}  // namespace
}  // namespace windtunnel
