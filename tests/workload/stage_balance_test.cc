#include "simulator/workload/stage_balance.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace windtunnel {
namespace {

struct Judged {
  std::int64_t longest;
  double squares;
};

Judged judged(const std::vector<std::int64_t>& layers, std::int64_t first, std::int64_t last,
              const std::vector<int>& division) {
  Judged it{0, 0};
  std::size_t next = 0;
  for (std::size_t stage = 0; stage < division.size(); ++stage) {
    std::int64_t time = stage == 0 ? first : 0;
    if (stage + 1 == division.size()) time += last;
    for (int i = 0; i < division[stage]; ++i) time += layers[next++];
    it.longest = std::max(it.longest, time);
    it.squares += static_cast<double>(time) * static_cast<double>(time);
  }
  return it;
}

/// Every division that leaves no inner stage empty.
void each_division(int layers, int stages,
                   const std::function<void(const std::vector<int>&)>& visit) {
  std::vector<int> division;
  const std::function<void(int)> go = [&](int left) {
    const int stage = static_cast<int>(division.size());
    if (stage + 1 == stages) {
      division.push_back(left);
      visit(division);
      division.pop_back();
      return;
    }
    for (int own = stage == 0 ? 0 : 1; own <= left; ++own) {
      division.push_back(own);
      go(left - own);
      division.pop_back();
    }
  };
  go(layers);
}

RC_GTEST_PROP(StageBalance, NoDivisionIsBetter, ()) {
  const auto layers = *rc::gen::container<std::vector<std::int64_t>>(
      *rc::gen::inRange<std::size_t>(1, 9), rc::gen::inRange<std::int64_t>(1, 20));
  const auto first = *rc::gen::inRange<std::int64_t>(0, 40);
  const auto last = *rc::gen::inRange<std::int64_t>(0, 40);
  const int stages = *rc::gen::inRange(1, 6);
  const auto found = balanced_stages(layers, first, last, stages);
  Judged best{std::numeric_limits<std::int64_t>::max(), 0};
  each_division(static_cast<int>(layers.size()), stages, [&](const std::vector<int>& division) {
    const Judged it = judged(layers, first, last, division);
    if (it.longest < best.longest || (it.longest == best.longest && it.squares < best.squares)) {
      best = it;
    }
  });
  RC_ASSERT(found.has_value() == (best.longest != std::numeric_limits<std::int64_t>::max()));
  if (!found) return;
  RC_ASSERT(std::accumulate(found->begin(), found->end(), 0) == static_cast<int>(layers.size()));
  const Judged it = judged(layers, first, last, *found);
  RC_ASSERT(it.longest == best.longest);
  RC_ASSERT(it.squares == best.squares);
}

TEST(StageBalance, HeavyEndsTakeFewerLayers) {
  const std::vector<std::int64_t> layers(61, 10);
  const auto division = balanced_stages(layers, 1, 25, 16);
  ASSERT_TRUE(division);
  EXPECT_EQ(division->back(), 1);
  EXPECT_EQ(*std::max_element(division->begin(), division->end()), 4);
}

TEST(StageBalance, TooFewLayersAreNoDivision) {
  EXPECT_FALSE(balanced_stages({1, 1}, 0, 0, 5));
  EXPECT_TRUE(balanced_stages({1, 1}, 0, 0, 4));
}

}  // namespace
}  // namespace windtunnel
