#include "simulator/engine/op_graph.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "simulator/engine/speed.h"

namespace windtunnel {
namespace {

constexpr std::span<const OpId> kNoInputs;

struct OneLane {
  OpGraph graph;
  LaneId lane = graph.add_lane();
  ResourceId link = graph.add_resource(100);
};

TEST(OpGraph, OpsKeepTheirInputs) {
  OneLane one;
  const OpId a = one.graph.add_op(one.lane, {1}, kNoInputs);
  const OpId b = one.graph.add_op(one.lane, {1}, std::array{a});
  const OpId c = one.graph.add_op(one.lane, {1}, std::array{a, b});
  EXPECT_TRUE(inputs_of(one.graph, a).empty());
  EXPECT_EQ(inputs_of(one.graph, b).size(), 1u);
  EXPECT_EQ(inputs_of(one.graph, c).back(), b);
}

TEST(OpGraph, AnOpTakesTwentyFourBytes) { EXPECT_EQ(sizeof(Op), 24u); }

TEST(OpGraphDeathTest, ArgumentsAreChecked) {
  OneLane one;
  EXPECT_DEATH(one.graph.add_op(1, {1}, kNoInputs), "lane < lanes");
  EXPECT_DEATH(one.graph.add_op(one.lane, {-1}, kNoInputs), "work.count >= 0");
  EXPECT_DEATH(one.graph.add_op(one.lane, kEndOfClock + Picoseconds{1}, kNoInputs), "kEndOfClock");
  EXPECT_DEATH(one.graph.add_op(one.lane, {1}, std::array{OpId{0}}), "is_id\\(input, ops\\)");
  EXPECT_DEATH(one.graph.add_op(one.lane, {1}, kNoInputs, {}, 0), "is_id\\(group, groups\\)");
  EXPECT_DEATH(one.graph.add_resource(kMinCapacity - 1), "kMinCapacity");
  EXPECT_DEATH(one.graph.add_group(0), "members >= 1");
  const OpId op = one.graph.add_op(one.lane, {1}, kNoInputs);
  EXPECT_DEATH(one.graph.add_input(op, op), "op != input");
}

TEST(OpGraphDeathTest, SharesAreChecked) {
  OneLane one;
  const auto add = [&](std::vector<Share> shares) {
    one.graph.add_op(one.lane, {1}, kNoInputs, shares);
  };
  EXPECT_DEATH(add({{one.link + 1, 1}}), "is_route");
  EXPECT_DEATH(add({{one.link, 0}}), "is_route");
  EXPECT_DEATH(add({{one.link, kMaxDemand + 1}}), "is_route");
  EXPECT_DEATH(add({{one.link, 1}, {one.link, 1}}), "is_route");
}

TEST(OpGraphDeathTest, AGroupTakesNoMoreThanItsMembers) {
  OneLane one;
  const GroupId group = one.graph.add_group(1);
  one.graph.add_op(one.lane, {1}, kNoInputs, {}, group);
  EXPECT_DEATH(one.graph.add_op(one.lane, {1}, kNoInputs, {}, group), "joined.members");
}

}  // namespace
}  // namespace windtunnel
