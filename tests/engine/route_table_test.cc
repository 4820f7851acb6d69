#include "simulator/engine/route_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace windtunnel {
namespace {

TEST(RouteTable, TheSameSharesAreOneRoute) {
  RouteTable table;
  const std::array there{Share{0, 5}, Share{1, 5}};
  const std::array back{Share{1, 5}, Share{0, 5}};
  EXPECT_EQ(find_or_add(table, there), 0);
  EXPECT_EQ(find_or_add(table, back), 1);
  EXPECT_EQ(find_or_add(table, there), 0);
  EXPECT_EQ(table.shares.size(), 4u);
}

TEST(RouteTable, ThousandsOfRoutesStayApartWhileItGrows) {
  RouteTable table;
  for (std::int32_t i = 0; i < 5000; ++i) {
    const std::vector<Share> shares(static_cast<std::size_t>(1 + i % 3), Share{i % 50, 1 + i});
    ASSERT_EQ(find_or_add(table, shares), i);
  }
  for (std::int32_t i = 0; i < 5000; ++i) {
    const std::vector<Share> shares(static_cast<std::size_t>(1 + i % 3), Share{i % 50, 1 + i});
    ASSERT_EQ(find_or_add(table, shares), i);
    ASSERT_TRUE(std::ranges::equal(shares_of(table, i), shares));
  }
}

}  // namespace
}  // namespace windtunnel
