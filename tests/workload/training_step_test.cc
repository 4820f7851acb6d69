#include "simulator/workload/training_step.h"

#include <gtest/gtest.h>

#include <cstring>

#include "simulator/engine/run.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "simulator/workload/schedules/schedule.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

using testing::ideal_plan;
using testing::routed_plan;

std::int64_t busy(const TrainingStep& step, const Timeline& timeline, int rank) {
  std::int64_t sum = 0;
  for (std::size_t op = 0; op < step.owners.size(); ++op) {
    if (step.owners[op].rank == rank && step.owners[op].kind == OpKind::kCompute) {
      sum += (timeline.end[op] - timeline.start[op]).count;
    }
  }
  return sum;
}

// Narayanan et al. 2021: with equal stages, 1F1B idles (PP - 1)(F + B) on every rank.
TEST(TrainingStep, OneForwardOneBackwardIdlesAsTheFormulaSays) {
  const ScheduleKind& schedule = *find_schedule("1f1b");
  for (const int ranks : {2, 4, 8}) {
    for (const int micro_batches : {ranks, 2 * ranks, 2 * ranks + 3}) {
      const StepPlan plan = ideal_plan(schedule, ranks, micro_batches, {70, 90, 50});
      const TrainingStep step = lower(plan, 1);
      const Timeline timeline = run(step.graph);
      for (int rank = 0; rank < ranks; ++rank) {
        EXPECT_EQ(timeline.makespan.count - busy(step, timeline, rank), (ranks - 1) * (70 + 140));
      }
    }
  }
}

// DeepSeek-V3 report, table 2: (PP/2 - 1)(F&B + B - 3W) on the two middle ranks when W = F and B
// = 2F (exact for whole slots: schedules/dualpipe_test.cc). Here F&B = F + B since one stream
// runs both, but a pair hands its forward on as soon as that is through, not at the slot's end:
// the bubble is smaller than (PP/2 - 1) 2F.
TEST(TrainingStep, DualPipeIdlesNoMoreThanTheFormulaSaysOnTheMiddleRanks) {
  const ScheduleKind& schedule = *find_schedule("dualpipe");
  constexpr std::int64_t kForward = 1000;
  for (const int ranks : {4, 8, 16}) {
    const StepPlan plan =
        ideal_plan(schedule, ranks, 2 * ranks + 8, {kForward, kForward, kForward});
    const TrainingStep step = lower(plan, 1);
    const Timeline timeline = run(step.graph);
    for (const int rank : {ranks / 2 - 1, ranks / 2}) {
      const std::int64_t idle = timeline.makespan.count - busy(step, timeline, rank);
      EXPECT_LE(idle, (ranks / 2 - 1) * 2 * kForward) << ranks;
      EXPECT_GE(idle, (ranks / 2 - 1) * kForward) << ranks;
    }
  }
}

// V3 report, figure 4: the transfer to the next stage runs beside ATTN(W). The last layer's is
// free to follow, so that a rank idles only (PP - 1)(F + B without it).
TEST(TrainingStep, HandsGradientsOnBeforeTheLastWeightGradients) {
  StepPlan plan = ideal_plan(*find_schedule("1f1b"), 4, 8, {70, 90, 0});
  plan.blocks[0].alone.attention_weight = {{50}, {0}};
  const TrainingStep step = lower(plan, 1);
  const Timeline timeline = run(step.graph);
  EXPECT_EQ(timeline.makespan.count - busy(step, timeline, 3), 3 * (70 + 90));
}

TEST(TrainingStep, EveryRankDoesTheWorkOfItsChunksWhateverTheSchedule) {
  for (const ScheduleKind& schedule : schedules()) {
    const ScheduleShape shape{.pipeline_ranks = 4, .micro_batches = 12};
    if (schedule.problem(shape)) continue;
    const StepPlan plan = ideal_plan(schedule, 4, 12, {70, 90, 50});
    const TrainingStep step = lower(plan, 1);
    const Timeline timeline = run(step.graph);
    // 12 micro-batches cross every stage once; a rank of a bidirectional schedule sees half
    // of them on each of its two stages.
    for (int rank = 0; rank < 4; ++rank) {
      EXPECT_EQ(busy(step, timeline, rank), 12 * (70 + 90 + 50)) << schedule.name;
    }
  }
}

TEST(TrainingStep, FoldedAndFullAgreeToThePicosecondWithoutSkew) {
  for (const ScheduleKind& schedule : schedules()) {
    const ScheduleShape shape{.pipeline_ranks = 4, .micro_batches = 10};
    if (schedule.problem(shape)) continue;
    const StepPlan plan = routed_plan(schedule, 4, 10, 8, 4, 0);
    const TrainingStep step = lower(plan, 1);
    const Timeline folded = run(step.graph);
    const Timeline full = run(lower(plan, 8).graph);
    EXPECT_EQ(folded.makespan.count, full.makespan.count) << schedule.name;
    // Ops of all members lie side by side, but for the update's.
    for (std::size_t op = 0; step.owners[op].slot != kNoSlot; ++op) {
      ASSERT_EQ(folded.end[op].count, full.end[op * 8].count) << schedule.name << " op " << op;
    }
  }
}

TEST(TrainingStep, ImbalanceSlowsTheStepAndRepresentativesFollowTheFullCluster) {
  const ScheduleKind& schedule = *find_schedule("dualpipe");
  const StepPlan even = routed_plan(schedule, 4, 16, 64, 32, 0);
  const StepPlan skewed = routed_plan(schedule, 4, 16, 64, 32, 0.1);
  const double balanced = static_cast<double>(run(lower(even, 64).graph).makespan.count);
  const double full = static_cast<double>(run(lower(skewed, 64).graph).makespan.count);
  const double folded = static_cast<double>(run(lower(skewed, 4).graph).makespan.count);
  EXPECT_GT(full, balanced * 1.005);
  // The members carry the group's maxima but fewer turns of bad luck than 32 ranks do.
  EXPECT_NEAR(folded / full, 1.0, 0.02);
}

TEST(TrainingStep, SendsAndDispatchShareTheNic) {
  const ScheduleKind& schedule = *find_schedule("dualpipe");
  StepPlan plan = routed_plan(schedule, 4, 12, 1, 1, 0);
  const auto shared = run(lower(plan, 1).graph).makespan;
  plan.nic_capacity = 400'000;
  const auto wide = run(lower(plan, 1).graph).makespan;
  EXPECT_LT(wide, shared);
}

TEST(TrainingStep, TheSameBytesTwice) {
  const StepPlan plan = routed_plan(*find_schedule("dualpipe"), 4, 12, 8, 4, 0.1);
  const Timeline first = run(lower(plan, 8).graph);
  const Timeline second = run(lower(plan, 8).graph);
  ASSERT_EQ(first.end.size(), second.end.size());
  EXPECT_EQ(
      std::memcmp(first.end.data(), second.end.data(), first.end.size() * sizeof(first.end[0])), 0);
}

StepPlan layer_and_head() {
  StepPlan plan = routed_plan(overlapped_pair(), 1, 2, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  BlockTimes head{};
  head.attention_forward.fixed = {100};
  head.attention_backward.fixed = {200};
  head.attention_weight.fixed = {50};
  plan.blocks.push_back({.layer = false, .routed = false, .paired = head, .alone = head});
  plan.stages = {{0, 1}};
  return plan;
}

// A stage of one expert layer and a head, once forward and once backward. The head pairs with
// nothing: its backward (200, then 50 for the weights) comes first, then the two layers side by
// side with every transfer hidden, as in routed_plan() alone (29 400), then the head's forward
// (100).
TEST(TrainingStep, LayersPairWithLayersWhateverStandsBetweenThem) {
  const StepPlan plan = layer_and_head();
  EXPECT_EQ(run(lower(plan, 1).graph).makespan.count, 29'400 + 200 + 50 + 100);
}

// The same stage with its blocks paired as they come: the forward layer beside the head's backward,
// then the head's forward beside the backward layer, so that transfers stay exposed. The forward
// layer: 4000, dispatch 4200, 4000, combine 6000, and the head's 250 are hidden in that; then the
// backward layer: combine 3600, 5000, dispatch 6000 (its weights' 5000 inside), 9000, 2400.
TEST(TrainingStep, BlocksPairWithBlocksWhereThePlanSaysSo) {
  StepPlan plan = layer_and_head();
  plan.pairing = Pairing::kBlocks;
  EXPECT_EQ(run(lower(plan, 1).graph).makespan.count, 18'200 + 3600 + 5000 + 6000 + 9000 + 2400);
  // Where every block is a layer, both are the same.
  plan.stages = {{0, 0}};
  const auto blocks = run(lower(plan, 1).graph).makespan;
  plan.pairing = Pairing::kLayers;
  EXPECT_EQ(run(lower(plan, 1).graph).makespan, blocks);
}

}  // namespace
}  // namespace windtunnel
