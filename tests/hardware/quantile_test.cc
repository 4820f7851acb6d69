#include "simulator/hardware/quantile.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(Quantile, IsLinearBetweenTwoValues) {
  EXPECT_DOUBLE_EQ(quantile({4, 1, 2}, 0), 1);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 2}, 0.5), 2);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 2}, 0.75), 3);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 2}, 1), 4);
}

TEST(Quantile, OfNothingIsZero) { EXPECT_EQ(quantile({}, 0.5), 0); }

}  // namespace
}  // namespace windtunnel
