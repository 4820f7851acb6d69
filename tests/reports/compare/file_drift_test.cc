#include "reports/compare/file_drift.h"

#include <gtest/gtest.h>

#include "simulator/base/random.h"

namespace windtunnel {
namespace {

std::vector<double> ratios(double rise, double step) {
  std::vector<double> values;
  for (int i = 0; i < 20; ++i) {
    const double noise = 0.003 * normal(mix(9, static_cast<std::uint64_t>(i)));
    values.push_back(rise * i / 19 + (i >= 10 ? step : 0) + noise);
  }
  return values;
}

TEST(FileDrift, ASteadyRiseIsOne) {
  const auto drift = file_drift(ratios(0.06, 0), 0.01);
  ASSERT_TRUE(drift);
  EXPECT_NEAR(drift->rise, 0.06, 0.01);
}

TEST(FileDrift, HalfTheBenchmarksSlowerIsAStepAndNoDrift) {
  EXPECT_FALSE(file_drift(ratios(0, 0.05), 0.01));
}

TEST(FileDrift, NoiseIsNone) {
  EXPECT_FALSE(file_drift(ratios(0, 0), 0.01));
  EXPECT_FALSE(file_drift({0.1, 0.2, 0.3}, 0.01));
}

TEST(FileDrift, ARiseIsSharedWhereMostHaveIt) {
  EXPECT_DOUBLE_EQ(shared_rise(std::vector<double>(20, 0.03)), 0.03);
  std::vector<double> mixed(20, 0.03);
  for (std::size_t i = 0; i < 8; ++i) mixed[i] = -0.03;
  EXPECT_DOUBLE_EQ(shared_rise(mixed), 0);
  EXPECT_DOUBLE_EQ(shared_rise({0.03, 0.03}), 0);
}

}  // namespace
}  // namespace windtunnel
