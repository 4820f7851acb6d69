#include "simulator/engine/event_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <utility>
#include <vector>

namespace windtunnel {
namespace {

TEST(EventQueue, EqualTimesComeInIssueOrder) {
  EventQueue queue(3);
  queue.set({{5}, 9, 0});
  queue.set({{5}, 7, 1});
  queue.set({{4}, 8, 2});
  EXPECT_EQ(queue.pop().row, 8);
  EXPECT_EQ(queue.pop().row, 7);
  EXPECT_EQ(queue.pop().row, 9);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, MembersOfARowComeInTheirOrder) {
  EventQueue queue(3);
  queue.set({{5}, 7, 2});
  queue.set({{5}, 7, 0});
  queue.set({{5}, 6, 1});
  EXPECT_EQ(queue.pop().lane, 1);
  EXPECT_EQ(queue.pop().lane, 0);
  EXPECT_EQ(queue.pop().lane, 2);
}

RC_GTEST_PROP(EventQueue, BehavesLikeASortedMapOfLanes, ()) {
  constexpr int kLanes = 40;
  EventQueue queue(kLanes);
  std::map<LaneId, std::pair<std::int64_t, OpId>> model;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      300, rc::gen::pair(rc::gen::inRange(-kLanes / 2, kLanes), rc::gen::inRange(0, 50)));
  for (const auto& [lane, time] : steps) {
    if (lane >= 0) {
      const OpId op = 1000 - lane;
      queue.set({{time}, op, lane});
      model[lane] = {time, op};
    } else if (!model.empty()) {
      auto first = model.begin();
      for (auto it = model.begin(); it != model.end(); ++it) {
        if (it->second < first->second) first = it;
      }
      RC_ASSERT(queue.next().lane == first->first);
      RC_ASSERT(queue.pop().time.count == first->second.first);
      model.erase(first);
    }
    RC_ASSERT(queue.empty() == model.empty());
  }
}

}  // namespace
}  // namespace windtunnel
