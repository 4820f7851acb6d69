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

// Three members: works of their own, one route each, and groups of two and one.
TEST(OpGraph, ARowIsAnOpOfEveryMember) {
  OpGraph graph;
  graph.members = 3;
  const LaneId lane = graph.add_lane();
  const LaneId other = graph.add_lane();
  std::vector<RouteId> routes;
  for (int member = 0; member < 3; ++member) {
    const Share share{graph.add_resource(100), 10};
    routes.push_back(graph.add_route({&share, 1}));
  }
  const std::int32_t routes_at = graph.add_member_routes(routes);
  const GroupId pair = graph.add_group(2);
  const GroupId rest = graph.add_group(1);
  const RowId first = graph.add_row(lane, std::vector<Picoseconds>{{5}}, {});
  const RowId second = graph.add_row(other, std::vector<Picoseconds>{{1}, {2}, {3}},
                                     std::array{first}, routes_at, {.first = pair, .in_group = 2});
  EXPECT_EQ(op_count(graph), 6U);
  EXPECT_EQ(op_at(graph, op_id(graph, first, 2)).work, Picoseconds{5});
  EXPECT_EQ(op_at(graph, op_id(graph, first, 2)).route, kNone);
  EXPECT_EQ(op_at(graph, op_id(graph, first, 2)).group, kNone);
  const Op op = op_at(graph, op_id(graph, second, 1));
  EXPECT_EQ(op.work, Picoseconds{2});
  EXPECT_EQ(op.lane, 3 * other + 1);
  EXPECT_EQ(op.group, pair);
  EXPECT_EQ(op.route, routes[1]);
  EXPECT_EQ(op_at(graph, op_id(graph, second, 2)).group, rest);
  EXPECT_EQ(row_of(graph, op_id(graph, second, 2)), second);
  EXPECT_EQ(member_of(graph, op_id(graph, second, 2)), 2);
}

TEST(OpGraph, WorksThatAreAlikeAreKeptOnce) {
  OpGraph graph;
  graph.members = 2;
  const LaneId lane = graph.add_lane();
  graph.add_row(lane, std::vector<Picoseconds>{{7}, {7}}, {});
  EXPECT_TRUE(graph.works.empty());
  EXPECT_EQ(op_at(graph, 1).work, Picoseconds{7});
}

TEST(OpGraphDeathTest, ArgumentsAreChecked) {
  OneLane one;
  EXPECT_DEATH(one.graph.add_op(1, {1}, kNoInputs), "lane < lanes");
  EXPECT_DEATH(one.graph.add_op(one.lane, {-1}, kNoInputs), "work.count >= 0");
  EXPECT_DEATH(one.graph.add_op(one.lane, kEndOfClock + Picoseconds{1}, kNoInputs), "kEndOfClock");
  EXPECT_DEATH(one.graph.add_op(one.lane, {1}, std::array{OpId{0}}), "is_id\\(input, rows\\)");
  EXPECT_DEATH(one.graph.add_op(one.lane, {1}, kNoInputs, {}, 0), "is_id\\(id, graph.groups\\)");
  EXPECT_DEATH(one.graph.add_resource(kMinCapacity - 1), "kMinCapacity");
  EXPECT_DEATH(one.graph.add_group(0), "size >= 1");
  const OpId op = one.graph.add_op(one.lane, {1}, kNoInputs);
  EXPECT_DEATH(one.graph.add_input(op, op), "row != input");
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
