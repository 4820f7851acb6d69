// Steps whose ranks are unlike: what a slow GPU, jitter and popular experts do to the whole.
#include <gtest/gtest.h>

#include <numeric>

#include "simulator/engine/run.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/training_step.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

Picoseconds step_time(const StepPlan& plan, int members) {
  return run(lower(plan, members).graph).makespan;
}

// 1F1B on P ranks, M micro-batches, forward F and backward B on each, no communication; rank k
// takes f times as long. It starts after k F. It then has its own M (F + B) f to do, and waits
// twice: at first for the gradient of its first chunk, which takes (P-1-k)(F + B) through the ranks
// behind, while it runs P-1-k more forwards; at last for that of its last chunk, beside as many
// backwards. In between it never waits, being the slowest. After its last backward k ranks follow
// with theirs:
//
//   k F + M (F + B) f + (P-1-k) ((F + B - F f) + (F + B - B f)) + k B,
//
// longer than with f = 1 by (f - 1) (F + B) (M - (P-1-k)).
TEST(SkewedStep, AStragglerOfFivePercentSlowsOneFOneBAsDerived) {
  constexpr int kRanks = 4;
  constexpr int kMicroBatches = 12;
  StepPlan plan =
      testing::ideal_plan(*find_schedule("1f1b"), kRanks, kMicroBatches, {1000, 1400, 600});
  const std::int64_t usual = step_time(plan, 1).count;
  EXPECT_EQ(usual, (kMicroBatches + kRanks - 1) * 3000);
  for (int slow = 0; slow < kRanks; ++slow) {
    plan.skew.time_factors.assign(kRanks, 1.0);
    plan.skew.time_factors[static_cast<std::size_t>(slow)] = 1.05;
    EXPECT_EQ(step_time(plan, 1).count - usual, 150 * (kMicroBatches - (kRanks - 1 - slow)))
        << "rank " << slow;
  }
}

// A single rank does nothing but compute: 5 % longer is 5 %.
TEST(SkewedStep, AloneAStragglerTakesItsFactor) {
  StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 1, 8, {1000, 1000, 1000});
  plan.skew.time_factors = {1.05};
  EXPECT_EQ(step_time(plan, 1).count, 8 * 3150);
}

// One pipeline rank of four data ranks, an expert group: one forward and one backward of a layer.
// Each barrier waits for the slow one, whose compute takes 1.1 times as long, transfers the usual:
// attn(F) 4000, dispatch 4200, mlp(F) 4000, combine 6000; combine(B) 3600, mlp(B) 5000, dispatch(B)
// 6000 beside mlp(W) 5000, attn(B) 9000, attn(W) 2400. The update is 20000 + 500 + 9000.
TEST(SkewedStep, AnExpertGroupWaitsForItsStraggler) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 4, 4, 0);
  plan.nic_capacity = 1'000'000;
  const std::int64_t transfers = 4200 + 6000 + 3600 + 6000 + 20'000 + 9000;
  const std::int64_t usual = 4000 + 4000 + 5000 + 9000 + 2400 + 500;
  EXPECT_EQ(step_time(plan, 4).count, transfers + usual);
  plan.skew.time_factors = {1, 1, 1.1, 1};
  EXPECT_EQ(step_time(plan, 4).count, transfers + usual + usual / 10);
}

// The same by members that stand for the group: one for the three alike, and the straggler.
TEST(SkewedStep, FoldedStepsShowAStragglerOfOneGroupExactly) {
  for (const char* schedule : {"1f1b", "dualpipe"}) {
    StepPlan plan = testing::routed_plan(*find_schedule(schedule), 4, 12, 8, 4, 0);
    plan.skew.time_factors.assign(4 * 8, 1.0);
    plan.skew.time_factors[2 * 8 + 6] = 1.05;  // of the second group
    plan.skew.apart = {6};
    const std::int64_t full = step_time(plan, 8).count;
    EXPECT_EQ(step_time(plan, 2).count, full) << schedule;
    EXPECT_EQ(step_time(plan, 4).count, full) << schedule;  // the whole group
    plan.skew = {};
    EXPECT_LT(step_time(plan, 8).count, full) << schedule;
  }
}

TEST(SkewedStep, JitterIsDrawnForEachOpAndStaysTheSame) {
  StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 1, 200, {100'000, 100'000, 100'000});
  plan.skew.jitter = 0.05;
  plan.skew.seed = 3;
  const TrainingStep step = lower(plan, 1);
  double squares = 0;
  for (const Row& row : step.graph.rows) {
    const double off = static_cast<double>(row.work.count) / 100'000 - 1;
    squares += off * off;
  }
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(step.graph.rows.size())), 0.05, 0.005);
  EXPECT_EQ(step_time(plan, 1), step_time(plan, 1));
}

// Shares 0.5 and 1.5: mlp(F) 500 + 3500 x 1.5; a rank sends its own rows however few it receives.
TEST(SkewedStep, PopularExpertsLoadTheirRankInEveryMicroBatch) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 2, 2, 0);
  plan.nic_capacity = 1'000'000;
  plan.update.clear();
  plan.skew.shares = {{0.5, 1.5}};
  // attn(F) 4000, dispatch 6300, mlp(F) 5750, combine 9000, combine(B) 5400, mlp(B) 7000,
  // dispatch(B) 9000 beside mlp(W) 7200, attn(B) 9000, attn(W) 2400.
  EXPECT_EQ(step_time(plan, 2).count, 4000 + 6300 + 5750 + 9000 + 5400 + 7000 + 9000 + 9000 + 2400);
}

// Routed blocks are counted in the model's order: the second stage's block has the second shares.
TEST(SkewedStep, EachLayerHasItsOwnShares) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 2, 2, 2, 2, 0);
  plan.skew.shares = {{1, 1}, {1, 1}};
  const std::int64_t even = step_time(plan, 2).count;
  plan.skew.shares = {{1, 1}, {0.5, 1.5}};
  const TrainingStep step = lower(plan, 2);
  for (OpId op = 0; op < static_cast<OpId>(op_count(step.graph)); ++op) {
    const RowOwner& owner = owner_of(step, op);
    if (owner.phase != Phase::kMlpForward || owner.kind != OpKind::kCompute) continue;
    const int rank = rank_of(step, op);
    const double load = rank < 2 ? 1 : rank == 2 ? 0.5 : 1.5;
    EXPECT_EQ(op_at(step.graph, op).work.count, 500 + std::llround(3500 * load));
  }
  EXPECT_GT(run(step.graph).makespan.count, even);
}

}  // namespace
}  // namespace windtunnel
