#include "simulator/analysis/critical_path.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "simulator/engine/run.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/training_step.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

using Ops = std::vector<OpId>;

Ops ops_of(const std::vector<PathOp>& path) {
  Ops ops;
  for (const PathOp& op : path) ops.push_back(op.op);
  return ops;
}

std::vector<PathOp> path_of(const OpGraph& graph) { return critical_path(graph, run(graph)); }

TEST(CriticalPath, OfNothingIsEmpty) { EXPECT_TRUE(path_of(OpGraph{}).empty()); }

// a (10) and b (30) on two lanes; c waits for both: b, c.
TEST(CriticalPath, FollowsTheInputThatEndsLast) {
  OpGraph graph;
  const LaneId first = graph.add_lane();
  const LaneId second = graph.add_lane();
  const OpId a = graph.add_op(first, {10}, {});
  const OpId b = graph.add_op(second, {30}, {});
  const OpId both[] = {a, b};
  const OpId c = graph.add_op(first, {5}, both);
  const auto path = path_of(graph);
  EXPECT_EQ(ops_of(path), (Ops{b, c}));
  EXPECT_EQ(path[0].binding, PathLink::kStart);
  EXPECT_EQ(path[1].binding, PathLink::kInput);
}

// b's input ends at 10, but its lane is busy with a until 40: it queued.
TEST(CriticalPath, FollowsTheLaneWhereAnOpQueued) {
  OpGraph graph;
  const LaneId lane = graph.add_lane();
  const OpId a = graph.add_op(lane, {40}, {});
  const OpId input = graph.add_op(graph.add_lane(), {10}, {});
  const OpId b = graph.add_op(lane, {5}, {&input, 1});
  const auto path = path_of(graph);
  EXPECT_EQ(ops_of(path), (Ops{a, b}));
  EXPECT_EQ(path[1].binding, PathLink::kLane);
}

// The group's member on the second lane comes at 70: what the op on the first waits for is what
// that one waited for.
TEST(CriticalPath, FollowsTheLastMemberOfAGroup) {
  OpGraph graph;
  const LaneId first = graph.add_lane();
  const LaneId second = graph.add_lane();
  graph.add_op(first, {10}, {});
  const OpId slow = graph.add_op(second, {70}, {});
  const GroupId group = graph.add_group(2);
  const OpId here = graph.add_op(first, {20}, {}, {}, group);
  graph.add_op(second, {15}, {}, {}, group);
  const auto path = path_of(graph);
  EXPECT_EQ(ops_of(path), (Ops{slow, here}));
  EXPECT_EQ(path[1].binding, PathLink::kGroup);
}

TEST(CriticalPath, FollowsInputsThatWereAddedLater) {
  OpGraph graph;
  const OpId waits = graph.add_op(graph.add_lane(), {5}, {});
  const OpId late = graph.add_op(graph.add_lane(), {50}, {});
  graph.add_input(waits, late);
  EXPECT_EQ(ops_of(path_of(graph)), (Ops{late, waits}));
}

// Of an input and a lane that end together the input is taken, of two inputs the first.
TEST(CriticalPath, ChoosesAmongEqualsInAFixedOrder) {
  OpGraph graph;
  const LaneId lane = graph.add_lane();
  graph.add_op(lane, {10}, {});
  const OpId first = graph.add_op(graph.add_lane(), {10}, {});
  const OpId second = graph.add_op(graph.add_lane(), {10}, {});
  const OpId both[] = {second, first};
  const OpId last = graph.add_op(lane, {1}, both);
  EXPECT_EQ(ops_of(path_of(graph)), (Ops{first, last}));
}

// Ops on one link slow each other, so that durations are no works: still no gap.
RC_GTEST_PROP(CriticalPath, HasNoGapsInAnyStep, ()) {
  const ScheduleKind& schedule = schedules()[*rc::gen::inRange<std::size_t>(0, schedules().size())];
  const int ranks = *rc::gen::inRange(1, 5);
  StepPlan plan = testing::routed_plan(schedule, ranks, ranks * *rc::gen::inRange(1, 5), 4, 2, 0.1);
  RC_PRE(!schedule.problem(plan.shape));
  plan.skew.jitter = *rc::gen::element(0.0, 0.05);
  const TrainingStep step = lower(plan, 4);
  const Timeline timeline = run(step.graph);
  const std::vector<PathOp> path = critical_path(step.graph, timeline);
  Picoseconds now{0};
  for (const PathOp& op : path) {
    const auto at = static_cast<std::size_t>(op.op);
    RC_ASSERT(timeline.start[at] == now);
    now = timeline.end[at];
  }
  RC_ASSERT(now == timeline.makespan);
}

}  // namespace
}  // namespace windtunnel
