#include "simulator/workload/rank_graph.h"

#include <gtest/gtest.h>

#include "simulator/engine/run.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

/// Two pipeline ranks of four data ranks in expert groups of two; sends draw 40 kB/s of a 40
/// kB/s NIC.
StepPlan small_plan() { return testing::routed_plan(*find_schedule("1f1b"), 2, 2, 4, 2, 0); }

Place place_of(int rank, std::span<const double> loads = {}) {
  return {.rank = rank, .slot = 3, .loads = loads};
}

std::int64_t length(const Timeline& timeline, OpId op) {
  const auto at = static_cast<std::size_t>(op);
  return (timeline.end[at] - timeline.start[at]).count;
}

TEST(RankGraph, GivesEachRankThreeStreamsAndANic) {
  const StepPlan plan = small_plan();
  const RankGraph build = make_rank_graph(plan, 4);
  EXPECT_EQ(build.lanes.size(), 8U);
  EXPECT_EQ(build.step.graph.lanes, 24);
  EXPECT_EQ(build.step.graph.capacities, std::vector<std::int64_t>(16, 40'000));
  EXPECT_EQ(lanes_of(build, 1, 2).compute, build.lanes[6].compute);
}

TEST(RankGraph, ComputeScalesItsRoutedPartWithTheLoad) {
  const StepPlan plan = small_plan();
  RankGraph build = make_rank_graph(plan, 2);
  const std::vector<double> loads{0.5, 1.5};
  const OpRow row = add_compute(build, place_of(1, loads), {{100}, {1000}}, kNone);
  const Timeline timeline = run(build.step.graph);
  EXPECT_EQ(length(timeline, row), 600);
  EXPECT_EQ(length(timeline, row + 1), 1600);
  EXPECT_EQ(build.step.owners[1].rank, 3);
  EXPECT_EQ(build.step.owners[1].slot, 3);
  EXPECT_EQ(build.step.owners[1].kind, OpKind::kCompute);
}

TEST(RankGraph, APhaseWithoutTimeHandsItsInputOn) {
  const StepPlan plan = small_plan();
  RankGraph build = make_rank_graph(plan, 2);
  const OpRow row = add_compute(build, place_of(0), {{5}, {0}}, kNone);
  EXPECT_EQ(add_compute(build, place_of(0), {{0}, {0}}, row), row);
  EXPECT_EQ(build.step.owners.size(), 2U);
}

// Members 0 and 1 form one expert group, 2 and 3 the other: each group waits for its own slowest.
TEST(RankGraph, TransfersStartWithTheirExpertGroup) {
  const StepPlan plan = small_plan();
  RankGraph build = make_rank_graph(plan, 4);
  const std::vector<double> loads{1, 2, 1, 0.5};
  const OpRow before = add_compute(build, place_of(0, loads), {{0}, {1000}}, kNone);
  const OpRow row = add_transfer(build, place_of(0, loads), {{100}, 0}, before, OpKind::kDispatch);
  const Timeline timeline = run(build.step.graph);
  const auto start = [&](int member) {
    return timeline.start[static_cast<std::size_t>(row + member)].count;
  };
  EXPECT_EQ(start(0), 2000);
  EXPECT_EQ(start(1), 2000);
  EXPECT_EQ(start(2), 1000);
  EXPECT_EQ(start(3), 1000);
  // A rank sends its expected rows however few it receives.
  EXPECT_EQ(length(timeline, row + 1), 200);
  EXPECT_EQ(length(timeline, row + 3), 100);
}

// Both NIC directions of the sender's own rank are full: what also needs one of them waits.
TEST(RankGraph, SendsUseTheSendersWayOutAndTheReceiversWayIn) {
  const StepPlan plan = small_plan();
  const auto makespan = [&](int sender, int receiver) {
    RankGraph build = make_rank_graph(plan, 1);
    add_send(build, place_of(0), 1, kNone);
    if (sender >= 0) add_send(build, place_of(sender), receiver, kNone);
    return run(build.step.graph).makespan.count;
  };
  EXPECT_EQ(makespan(-1, 0), 1500);
  EXPECT_EQ(makespan(1, 0), 1500);
  RankGraph build = make_rank_graph(plan, 1);
  add_send(build, place_of(0), 1, kNone);
  add_nic_op(build, place_of(1), 0, {{1500}, 40'000}, {}, OpKind::kCombine, kNone);
  // The receiver's way in carries both: each at half speed.
  EXPECT_EQ(run(build.step.graph).makespan.count, 3000);
}

}  // namespace
}  // namespace windtunnel
