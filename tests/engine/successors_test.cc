#include "simulator/engine/successors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace windtunnel {
namespace {

TEST(Successors, TurnLanesInputsAndLateInputsRound) {
  // Lane 0: ops 0, 1, 3; lane 1: op 2. Inputs 0 -> 2, 2 -> 3 twice, and late 2 -> 1.
  OpGraph graph;
  const LaneId a = graph.add_lane();
  const LaneId b = graph.add_lane();
  graph.add_op(a, {1}, {});
  graph.add_op(a, {1}, {});
  graph.add_op(b, {1}, std::array{OpId{0}});
  graph.add_op(a, {1}, std::array{OpId{2}, OpId{2}});
  graph.add_input(1, 2);
  const Successors result = successors(graph);
  const auto of = [&](std::size_t op) {
    std::vector<OpId> list(result.rows.begin() + result.begin[op],
                           result.rows.begin() + result.begin[op + 1]);
    std::ranges::sort(list);
    return list;
  };
  EXPECT_EQ(of(0), (std::vector<OpId>{1, 2}));
  EXPECT_EQ(of(1), (std::vector<OpId>{3}));
  EXPECT_EQ(of(2), (std::vector<OpId>{1, 3, 3}));
  EXPECT_EQ(of(3), (std::vector<OpId>{}));
  EXPECT_EQ(result.waits, (std::vector<std::int32_t>{0, 2, 1, 3}));
}

TEST(Successors, AGraphWithoutOpsHasNone) {
  EXPECT_TRUE(successors(OpGraph{}).rows.empty());
  EXPECT_TRUE(successors(OpGraph{}).waits.empty());
}

}  // namespace
}  // namespace windtunnel
