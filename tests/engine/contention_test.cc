#include "simulator/engine/contention.h"

#include <gtest/gtest.h>

#include <array>

namespace windtunnel {
namespace {

// Two links of 10; lanes 0 and 1 use the first, lane 2 the second, each with a demand of 10.
struct TwoLinks {
  OpGraph graph;
  TwoLinks() {
    for (int link = 0; link < 2; ++link) graph.add_resource(10);
    for (int lane = 0; lane < 3; ++lane) {
      graph.add_op(graph.add_lane(), {100}, {}, std::array{Share{lane / 2, 10}});
    }
  }
};

TEST(Contention, AnOpAloneEndsAfterItsWorkWithoutASolve) {
  TwoLinks two;
  EventQueue queue(3);
  Contention contention(two.graph, queue);
  queue.set({{40}, 0, 0});
  contention.start({{40}, 0, 0});
  EXPECT_EQ(queue.next().time, Picoseconds{140});
  EXPECT_TRUE(contention.runs(queue.next()));
}

TEST(Contention, ASecondOpHalvesTheFirstOnItsLinkOnly) {
  // Lane 0 has done 60 of 100 when lane 1 comes: 40 left at 1/2 take 80, to 140. Lane 2 keeps 100.
  TwoLinks two;
  EventQueue queue(3);
  Contention contention(two.graph, queue);
  contention.start({{0}, 0, 0});
  contention.start({{0}, 2, 2});
  contention.start({{60}, 1, 1});
  contention.settle({60});
  const Event first = queue.pop();
  EXPECT_EQ(first.lane, 2);
  EXPECT_EQ(first.time, Picoseconds{100});
  const Event second = queue.pop();
  EXPECT_EQ(second.lane, 0);
  EXPECT_EQ(second.time, Picoseconds{140});
  // When lane 0 ends at 140, lane 1 has done 40 and runs its other 60 alone, to 200.
  contention.end(second);
  contention.settle({140});
  const Event third = queue.pop();
  EXPECT_EQ(third.time, Picoseconds{200});
  // Nothing is left on the link: whatever comes next has it alone, and there is nothing to solve.
  contention.end(third);
  contention.start({{200}, 0, 0});
  EXPECT_EQ(queue.next().time, Picoseconds{300});
}

}  // namespace
}  // namespace windtunnel
