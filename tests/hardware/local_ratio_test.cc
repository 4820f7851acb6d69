#include "simulator/hardware/local_ratio.h"

#include <gtest/gtest.h>

#include <cmath>

namespace windtunnel {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();

TEST(LocalRatio, IsThatOfAPointAtItsPlace) {
  const std::vector<RatioPoint> points = {{{0, 0}, 0.3}, {{2, 0}, -0.1}};
  EXPECT_NEAR(local_ratio(points, points[0].place, 4).mean, 0.3, 1e-9);
  EXPECT_NEAR(local_ratio(points, points[1].place, 4).mean, -0.1, 1e-9);
  EXPECT_NEAR(local_ratio(points, points[1].place, 4).spread, 0.01, 1e-9);
}

// Halfway, both count as much: their mean, and half their difference as the spread.
TEST(LocalRatio, IsTheMeanHalfway) {
  const std::vector<RatioPoint> points = {{{0}, 0.4}, {{2}, 0.2}};
  const std::vector<double> halfway = {1};
  EXPECT_NEAR(local_ratio(points, halfway, kForever).mean, 0.3, 1e-12);
  EXPECT_NEAR(local_ratio(points, halfway, kForever).spread, 0.1, 1e-12);
}

TEST(LocalRatio, FadesToAFactorOfOne) {
  const std::vector<RatioPoint> points = {{{0}, 0.4}};
  const std::vector<double> at_fade = {4}, far = {40};
  EXPECT_NEAR(local_ratio(points, at_fade, 4).mean, 0.2, 1e-12);
  EXPECT_NEAR(local_ratio(points, far, 4).mean, 0, 1e-5);
  EXPECT_NEAR(local_ratio(points, far, kForever).mean, 0.4, 1e-12);
}

TEST(LocalRatio, OfNoPointIsOne) {
  EXPECT_EQ(local_ratio({}, std::vector<double>{0}, kForever).mean, 0);
}

// Ratios of 2 and 2 but for one of 1 between them: left out, the others say 2, twice too much; its
// neighbours are each told about right by the far one and half wrong by it.
TEST(LocalRatio, IsCalibratedByLeavingPointsOut) {
  const double two = std::log(2.0);
  const RatioCalibration same =
      calibrate_ratio(std::vector<RatioPoint>{{{0}, two}, {{1}, two}, {{2}, two}}, kForever);
  EXPECT_NEAR(same.median, 0, 1e-12);
  EXPECT_NEAR(same.median_at_one, 0.5, 1e-12);
  const RatioCalibration one_off =
      calibrate_ratio(std::vector<RatioPoint>{{{0}, two}, {{1}, 0.0}, {{2}, two}}, kForever);
  EXPECT_GT(one_off.median, 0.4);
  EXPECT_LE(one_off.low, 0);
  EXPECT_GE(one_off.high, 0);
}

}  // namespace
}  // namespace windtunnel
