#include "simulator/engine/deadlock.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

#include "simulator/engine/run.h"

namespace windtunnel {
namespace {

std::string message(const OpGraph& graph) {
  try {
    run(graph);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "no deadlock";
}

TEST(Deadlock, ACircleOfInputsAndLanesIsNamed) {
  // Lane 0 runs op 1 then op 2; op 1 waits for op 3, which waits for op 2.
  OpGraph graph;
  const LaneId a = graph.add_lane();
  const LaneId b = graph.add_lane();
  graph.add_op(a, {5}, {});
  graph.add_op(a, {5}, {});
  const OpId second = graph.add_op(a, {5}, {});
  const OpId other = graph.add_op(b, {5}, std::array{second});
  graph.add_input(1, other);
  EXPECT_EQ(message(graph),
            "deadlock: 3 of 4 ops never start; op 1 (lane 0) waits for its input op 3 (lane 1); "
            "op 3 (lane 1) waits for its input op 2 (lane 0); "
            "op 2 (lane 0) waits for op 1 (lane 0), before it on its lane");
}

TEST(Deadlock, AGroupThatLacksMembersIsNamed) {
  OpGraph graph;
  const LaneId lane = graph.add_lane();
  graph.add_op(lane, {5}, {}, {}, graph.add_group(2));
  EXPECT_EQ(message(graph),
            "deadlock: 1 of 1 ops never start; "
            "op 0 (lane 0) waits for group 0, which has 1 of its 2 members");
}

TEST(Deadlock, CollectivesInDifferentOrderAreNamed) {
  // The classical one: lane 0 enters group 0 first, lane 1 enters group 1 first.
  OpGraph graph;
  const LaneId a = graph.add_lane();
  const LaneId b = graph.add_lane();
  const GroupId first = graph.add_group(2);
  const GroupId second = graph.add_group(2);
  graph.add_op(a, {5}, {}, {}, first);
  graph.add_op(a, {5}, {}, {}, second);
  graph.add_op(b, {5}, {}, {}, second);
  graph.add_op(b, {5}, {}, {}, first);
  EXPECT_EQ(message(graph),
            "deadlock: 4 of 4 ops never start; "
            "op 0 (lane 0) waits for group 0 and its member op 3 (lane 1); "
            "op 3 (lane 1) waits for op 2 (lane 1), before it on its lane; "
            "op 2 (lane 1) waits for group 1 and its member op 1 (lane 0); "
            "op 1 (lane 0) waits for op 0 (lane 0), before it on its lane");
}

TEST(Deadlock, TwoMembersOfAGroupOnOneLaneAreNamed) {
  OpGraph graph;
  const LaneId lane = graph.add_lane();
  const GroupId group = graph.add_group(2);
  graph.add_op(lane, {5}, {}, {}, group);
  graph.add_op(lane, {5}, {}, {}, group);
  EXPECT_EQ(message(graph),
            "deadlock: 2 of 2 ops never start; "
            "op 0 (lane 0) waits for group 0 and its member op 1 (lane 0); "
            "op 1 (lane 0) waits for op 0 (lane 0), before it on its lane");
}

}  // namespace
}  // namespace windtunnel
