#include "reports/compare/drift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace windtunnel {
namespace {

TEST(Drift, ASteadyRiseIsSeenWithItsSize) {
  std::vector<double> values;
  for (int i = 0; i < 9; ++i) values.push_back(std::exp(0.01 * i));
  const Drift drift = drift_of(values);
  EXPECT_NEAR(drift.rise, 0.08, 1e-12);
  // S = 36, variance 9 x 8 x 23 / 18 = 92: z = 35 / 9.59.
  EXPECT_NEAR(drift.p, std::erfc(35 / std::sqrt(92.0) / std::sqrt(2.0)), 1e-12);
  EXPECT_NEAR(drift.score, 35 / std::sqrt(92.0), 1e-12);
}

TEST(Drift, OneOutlierIsNone) {
  const Drift drift = drift_of(std::vector{1.0, 1.01, 1.0, 1.01, 1.0, 1.01, 1.0, 1.01, 3.0});
  EXPECT_LT(std::abs(drift.rise), 0.02);
  EXPECT_GT(drift.p, 0.05);
}

TEST(Drift, FewValuesSayNothing) { EXPECT_EQ(drift_of(std::vector{1.0, 2.0, 3.0, 4.0}).p, 1); }

}  // namespace
}  // namespace windtunnel
