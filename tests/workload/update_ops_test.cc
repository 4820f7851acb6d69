#include "simulator/workload/update_ops.h"

#include <gtest/gtest.h>

#include "simulator/engine/run.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

/// Only the update, on ranks of which rank r first computes for (r + 1) x 1000.
struct Updated {
  TrainingStep step;
  Timeline timeline;
};

Updated update_of(const ScheduleKind& schedule, int ranks, int members) {
  StepPlan plan = testing::routed_plan(schedule, ranks, 2 * ranks, members, members, 0);
  plan.nic_capacity = 1'000'000;
  RankGraph build = make_rank_graph(plan, members);
  for (int rank = 0; rank < ranks; ++rank) {
    add_compute(build, {.rank = rank, .slot = 0, .loads = {}},
                testing::kernels({(rank + 1) * 1000}, {0}), kNone);
  }
  add_updates(build);
  Timeline timeline = run(build.step.graph);
  return {std::move(build.step), std::move(timeline)};
}

/// Starts of the ops of member 0 of `rank` with `kind`, in the order added.
std::vector<std::int64_t> starts(const Updated& ran, int rank, OpKind kind) {
  std::vector<std::int64_t> found;
  for (std::size_t row = 0; row < ran.step.owners.size(); ++row) {
    const RowOwner& owner = ran.step.owners[row];
    if (owner.pipeline_rank != rank || owner.kind != kind || owner.slot != kNoSlot) continue;
    const OpId op = op_id(ran.step.graph, static_cast<RowId>(row), 0);
    found.push_back(ran.timeline.start[static_cast<std::size_t>(op)].count);
  }
  return found;
}

// Without a mirror each rank reduces (20 000) when its own compute ends; the norm waits for the
// last, 4000 + 20 000; then the optimizer (500) and the gather.
TEST(Updates, WaitForTheNormOfAllRanks) {
  const Updated ran = update_of(*find_schedule("1f1b"), 4, 1);
  for (int rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(starts(ran, rank, OpKind::kGradient),
              (std::vector<std::int64_t>{(rank + 1) * 1000, 24'500}))
        << rank;
    EXPECT_EQ(starts(ran, rank, OpKind::kUpdate).back(), 24'000);
  }
  EXPECT_EQ(ran.timeline.makespan.count, 24'500 + 9000);
}

// DualPipe keeps each stage twice, on ranks r and 3 - r, which reduce together.
TEST(Updates, ReduceWithTheRankThatHoldsTheSameStages) {
  const Updated ran = update_of(*find_schedule("dualpipe"), 4, 2);
  EXPECT_EQ(starts(ran, 0, OpKind::kGradient).front(), 4000);
  EXPECT_EQ(starts(ran, 3, OpKind::kGradient).front(), 4000);
  EXPECT_EQ(starts(ran, 1, OpKind::kGradient).front(), 3000);
  EXPECT_EQ(starts(ran, 2, OpKind::kGradient).front(), 3000);
}

TEST(Updates, OfASingleRankWaitForNobody) {
  const Updated ran = update_of(*find_schedule("1f1b"), 1, 1);
  EXPECT_EQ(ran.timeline.makespan.count, 1000 + 20'000 + 500 + 9000);
}

}  // namespace
}  // namespace windtunnel
