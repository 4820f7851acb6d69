#include "simulator/base/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "simulator/base/threads.h"

namespace windtunnel {
namespace {

TEST(Within, MapsAPartOntoTheWhole) {
  std::vector<double> shares;
  const Progress whole = [&](double share) { shares.push_back(share); };
  const Progress half = within(whole, 0.5, 1);
  half(0);
  half(0.5);
  within(half, 0, 0.5)(1);
  EXPECT_EQ(shares, (std::vector<double>{0.5, 0.75, 0.75}));
}

TEST(Within, NothingOfNobodyIsNobody) { EXPECT_FALSE(within({}, 0, 1)); }

TEST(WorkCount, CountsPiecesOfAllThreadsOnce) {
  std::vector<double> shares;
  WorkCount count([&](double share) { shares.push_back(share); }, 100);
  parallel_for(100, 4, [&](int) { count.finish_one(); });
  ASSERT_EQ(shares.size(), 100U);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.front(), 0.01);
  EXPECT_EQ(shares.back(), 1);
}

TEST(WorkCount, MayHaveNoWatcher) {
  WorkCount count({}, 1);
  count.finish_one();
}

}  // namespace
}  // namespace windtunnel
