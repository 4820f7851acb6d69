#include "simulator/engine/run.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

namespace windtunnel {
namespace {

using Times = std::vector<Picoseconds>;

bool operator==(const Timeline& a, const Timeline& b) {
  return a.ready == b.ready && a.start == b.start && a.end == b.end && a.makespan == b.makespan;
}

TEST(Run, AGraphWithoutOpsTakesNoTime) { EXPECT_EQ(run(OpGraph{}).makespan, Picoseconds{0}); }

TEST(Run, ALaneRunsItsOpsInOrder) {
  OpGraph graph;
  const LaneId lane = graph.add_lane();
  for (const std::int64_t work : {3, 0, 4}) graph.add_op(lane, {work}, {});
  const Timeline timeline = run(graph);
  EXPECT_EQ(timeline.ready, (Times{{0}, {3}, {3}}));
  EXPECT_EQ(timeline.start, timeline.ready);
  EXPECT_EQ(timeline.end, (Times{{3}, {3}, {7}}));
  EXPECT_EQ(timeline.makespan, Picoseconds{7});
}

TEST(Run, AnInputThatWasAddedLaterIsWaitedFor) {
  OpGraph graph;
  const OpId first = graph.add_op(graph.add_lane(), {3}, {});
  const OpId second = graph.add_op(graph.add_lane(), {5}, {});
  graph.add_input(first, second);
  EXPECT_EQ(run(graph).end, (Times{{8}, {5}}));
}

TEST(Run, AGroupStartsWhenItsLastMemberIsReady) {
  // Three lanes are ready at 10, 40 and 20; the collective of 5 starts on all at 40, and a fourth
  // lane without it goes on.
  OpGraph graph;
  const GroupId group = graph.add_group(3);
  for (const std::int64_t work : {10, 40, 20, 30}) {
    const LaneId lane = graph.add_lane();
    graph.add_op(lane, {work}, {});
    graph.add_op(lane, {5}, {}, {}, work == 30 ? kNone : group);
  }
  const Timeline timeline = run(graph);
  EXPECT_EQ(timeline.ready, (Times{{0}, {10}, {0}, {40}, {0}, {20}, {0}, {30}}));
  EXPECT_EQ(timeline.start, (Times{{0}, {40}, {0}, {40}, {0}, {40}, {0}, {30}}));
  EXPECT_EQ(timeline.end, (Times{{10}, {45}, {40}, {45}, {20}, {45}, {30}, {35}}));
}

TEST(Run, AnOpThatIsNeverSlowedTakesExactlyItsWork) {
  // 25 days, and an odd picosecond: beyond what a double holds. The link is exactly full.
  constexpr std::int64_t kLong = 2'160'000'000'000'000'001;
  OpGraph graph;
  const ResourceId link = graph.add_resource(900);
  graph.add_op(graph.add_lane(), {kLong}, {}, std::array{Share{link, 400}});
  graph.add_op(graph.add_lane(), {kLong - 2}, {}, std::array{Share{link, 500}});
  EXPECT_EQ(run(graph).end, (Times{{kLong}, {kLong - 2}}));
}

TEST(Run, AnOpIsSlowedWhileAnotherUsesItsLink) {
  // Both want the whole link. A alone to 100, both at 1/2 until B's 50 are done at 200 (A has done
  // 150 by then), A alone for its last 150, to 350.
  OpGraph graph;
  const ResourceId link = graph.add_resource(10);
  const std::array whole{Share{link, 10}};
  const LaneId other = graph.add_lane();
  graph.add_op(graph.add_lane(), {300}, {}, whole);
  graph.add_op(other, {100}, {});
  graph.add_op(other, {50}, {}, whole);
  EXPECT_EQ(run(graph).end, (Times{{350}, {100}, {200}}));
}

TEST(Run, AnOpThatEndsAsAnotherStartsDoesNotSlowIt) {
  OpGraph graph;
  const ResourceId link = graph.add_resource(10);
  const std::array whole{Share{link, 10}};
  const OpId first = graph.add_op(graph.add_lane(), {100}, {}, whole);
  graph.add_op(graph.add_lane(), {70}, std::array{first}, whole);
  EXPECT_EQ(run(graph).end, (Times{{100}, {170}}));
}

TEST(Run, ZeroWorkUsesNoLink) {
  // Both start at 0 on a link that holds one of them; the empty one is over at once.
  OpGraph graph;
  const ResourceId link = graph.add_resource(10);
  const std::array whole{Share{link, 10}};
  graph.add_op(graph.add_lane(), {0}, {}, whole);
  graph.add_op(graph.add_lane(), {100}, {}, whole);
  EXPECT_EQ(run(graph).end, (Times{{0}, {100}}));
}

TEST(Run, OneOpStandsForManyEqualOnesToThePicosecond) {
  // Seven pairs on a link of 700, or one pair with sevenfold demand: the folded simulation. The
  // speed, 700 / (7 (60 + 90)) = 2/3, is no binary fraction.
  OpGraph full, folded;
  const ResourceId link = full.add_resource(700);
  folded.add_resource(700);
  const auto pair = [link](OpGraph& graph, std::int64_t times) {
    const LaneId lane = graph.add_lane();
    graph.add_op(lane, {100'003}, {}, std::array{Share{link, 60 * times}});
    graph.add_op(lane, {70'001}, {}, std::array{Share{link, 50 * times}});
    graph.add_op(graph.add_lane(), {50'021}, {}, std::array{Share{link, 90 * times}});
  };
  pair(folded, 7);
  for (int i = 0; i < 7; ++i) pair(full, 1);
  const Timeline one = run(folded);
  const Timeline many = run(full);
  for (std::size_t op = 0; op < many.end.size(); ++op) {
    ASSERT_EQ(many.end[op], one.end[op % 3]) << op;
  }
  EXPECT_GT(one.end[0], Picoseconds{100'003});
}

struct RandomOp {
  LaneId lane;
  std::int64_t work;
  std::vector<OpId> inputs;
  std::vector<Share> shares;
};

constexpr int kLanes = 6;

std::vector<RandomOp> any_ops(bool sharing) {
  std::vector<RandomOp> ops(static_cast<std::size_t>(*rc::gen::inRange(1, 60)));
  for (OpId id = 0; RandomOp & op : ops) {
    op.lane = *rc::gen::inRange(0, kLanes);
    op.work = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
    for (int k = *rc::gen::inRange(0, 3); id > 0 && k > 0; --k) {
      op.inputs.push_back(*rc::gen::inRange(0, id));
    }
    for (ResourceId link = 0; sharing && link < 3; ++link) {
      if (*rc::gen::inRange(0, 3) > 0) continue;
      op.shares.push_back({link, *rc::gen::inRange<std::int64_t>(1, 100)});
    }
    ++id;
  }
  return ops;
}

// Adds the ops in this order; edges to ops that come later are added afterwards.
OpGraph graph_of(const std::vector<RandomOp>& ops, const std::vector<std::size_t>& order) {
  OpGraph graph;
  for (int lane = 0; lane < kLanes; ++lane) graph.add_lane();
  for (int link = 0; link < 3; ++link) graph.add_resource(100);
  std::vector<OpId> ids(ops.size());
  for (const std::size_t op : order) {
    ids[op] = graph.add_op(ops[op].lane, {ops[op].work}, {}, ops[op].shares);
  }
  for (std::size_t op = 0; op < ops.size(); ++op) {
    for (const OpId input : ops[op].inputs) {
      graph.add_input(ids[op], ids[static_cast<std::size_t>(input)]);
    }
  }
  return graph;
}

std::vector<std::size_t> as_written(const std::vector<RandomOp>& ops) {
  std::vector<std::size_t> order(ops.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

RC_GTEST_PROP(Run, TheOrderOfLanesDoesNotShow, ()) {
  const std::vector<RandomOp> ops = any_ops(true);
  std::vector<std::size_t> by_lane = as_written(ops);
  std::ranges::stable_sort(by_lane,
                           [&](std::size_t a, std::size_t b) { return ops[a].lane > ops[b].lane; });
  const Timeline written = run(graph_of(ops, as_written(ops)));
  const Timeline sorted = run(graph_of(ops, by_lane));
  for (std::size_t k = 0; k < by_lane.size(); ++k) {
    RC_ASSERT(sorted.start[k] == written.start[by_lane[k]]);
    RC_ASSERT(sorted.end[k] == written.end[by_lane[k]]);
  }
}

RC_GTEST_PROP(Run, NoOpIsFasterThanItsWorkAndNoLinkThanItsCapacity, ()) {
  const std::vector<RandomOp> ops = any_ops(true);
  const Timeline timeline = run(graph_of(ops, as_written(ops)));
  std::array<std::int64_t, 3> units{};
  for (std::size_t op = 0; op < ops.size(); ++op) {
    RC_ASSERT(timeline.ready[op] <= timeline.start[op]);
    RC_ASSERT(timeline.end[op] - timeline.start[op] >= Picoseconds{ops[op].work});
    for (const Share& share : ops[op].shares) {
      units[static_cast<std::size_t>(share.resource)] += share.demand * ops[op].work;
    }
  }
  // An op may end half a picosecond early, with a demand of 100 at most.
  for (const std::int64_t used : units) {
    RC_ASSERT(used <= 100 * timeline.makespan.count + 50 * std::ssize(ops));
  }
}

RC_GTEST_PROP(Run, WithoutLinksMoreWorkNeverMakesAnythingEarlier, ()) {
  std::vector<RandomOp> ops = any_ops(false);
  const Timeline before = run(graph_of(ops, as_written(ops)));
  ops[*rc::gen::inRange(std::size_t{0}, ops.size())].work += 1000;
  const Timeline after = run(graph_of(ops, as_written(ops)));
  for (std::size_t op = 0; op < ops.size(); ++op) RC_ASSERT(after.end[op] >= before.end[op]);
}

OpGraph one_link(const std::vector<std::int64_t>& works) {
  OpGraph graph;
  const ResourceId link = graph.add_resource(100);
  for (const std::int64_t work : works) {
    graph.add_op(graph.add_lane(), {work}, {}, std::array{Share{link, 100}});
  }
  return graph;
}

RC_GTEST_PROP(Run, AFullLinkLosesNoWork, ()) {
  // Ops that each want the whole link keep it full until the last ends, so that takes the sum of
  // all works. Each of n ends is rounded by half a picosecond, and n ops run until then.
  const auto works = *rc::gen::container<std::vector<std::int64_t>>(
      static_cast<std::size_t>(*rc::gen::inRange(1, 40)),
      rc::gen::inRange<std::int64_t>(1, 1'000'000'000));
  const std::int64_t sum = std::accumulate(works.begin(), works.end(), std::int64_t{0});
  const std::int64_t error = run(one_link(works)).makespan.count - sum;
  RC_ASSERT(std::abs(error) <= std::ssize(works));
}

RC_GTEST_PROP(Run, OnOneLinkMoreWorkNeverMakesAnythingEarlier, ()) {
  // Up to the roundings of the ends before, half a picosecond each.
  auto works = *rc::gen::container<std::vector<std::int64_t>>(
      static_cast<std::size_t>(*rc::gen::inRange(1, 20)),
      rc::gen::inRange<std::int64_t>(1, 1'000'000));
  const Timeline before = run(one_link(works));
  works[*rc::gen::inRange(std::size_t{0}, works.size())] += 1000;
  const Timeline after = run(one_link(works));
  for (std::size_t op = 0; op < works.size(); ++op) {
    RC_ASSERT(after.end[op].count >= before.end[op].count - std::ssize(works));
  }
}

// Lanes of ops that compete for links in pairs, in groups of four.
OpGraph busy() {
  OpGraph graph;
  for (int lane = 0; lane < 16; ++lane) {
    graph.add_lane();
    graph.add_resource(1000);
  }
  for (OpId round = 0; round < 200; ++round) {
    std::array<GroupId, 4> groups{};
    for (GroupId& group : groups) group = graph.add_group(4);
    for (LaneId lane = 0; lane < 16; ++lane) {
      const ResourceId other = (lane + 1 + round % 15) % 16;
      graph.add_op(lane, {1000 + (lane * 7919 + round * 104729) % 5000}, {},
                   std::array{Share{lane, 700}, Share{other, 500}},
                   groups[static_cast<std::size_t>(lane / 4)]);
    }
  }
  return graph;
}

TEST(Run, ThreadsGiveTheSameBytes) {
  const OpGraph graph = busy();
  const Timeline alone = run(graph);
  std::array<Timeline, 4> timelines;
  std::vector<std::thread> threads;
  for (Timeline& timeline : timelines) {
    threads.emplace_back([&graph, &timeline] { timeline = run(graph); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Timeline& timeline : timelines) EXPECT_TRUE(timeline == alone);
}

}  // namespace
}  // namespace windtunnel
