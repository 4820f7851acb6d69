#include "simulator/hardware/expected_groups.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(ExpectedGroups, OfRandomExperts) {
  // Two groups of two experts, two drawn: both in the same group in 2 of 6 draws.
  EXPECT_NEAR(expected_groups(2, 4, 2, 4), 2 - 2.0 / 6, 1e-12);
  EXPECT_NEAR(expected_groups(8, 256, 8, 8), 5.29465, 1e-5);  // 8 (1 - C(224,8) / C(256,8))
  EXPECT_EQ(expected_groups(1, 256, 8, 4), 1);
}

TEST(ExpectedGroups, AreLimited) {
  // Node-limited: the four best nodes, each met; fewer experts than nodes meet fewer.
  EXPECT_EQ(expected_groups(8, 256, 8, 4), 4);
  EXPECT_EQ(expected_groups(8, 256, 2, 4), 2);
}

}  // namespace
}  // namespace windtunnel
