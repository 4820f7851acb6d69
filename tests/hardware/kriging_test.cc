#include "simulator/hardware/kriging.h"

#include <gtest/gtest.h>

#include "tests/hardware/small_surface.h"

namespace windtunnel {
namespace {

double kriged_seconds(const Surface& surface, const std::vector<double>& axes,
                      std::span<const char> usable) {
  const auto place = place_of(axes);
  return trend_at(surface, place) * std::exp(krige(surface, place, usable).mean);
}

TEST(Kriging, BetweenTwoPointsOfALineItIsTheirMeanInLogarithms) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, {1, 4}, [](double x) { return x == 1 ? 2.0 : 8.0; });
  // log2: half way between 1 and 4 stands 2; sqrt(2 x 8) = 4.
  EXPECT_NEAR(kriged_seconds(line, {2}, line.usable), 4, 0.01);
}

TEST(Kriging, AMeasuredPointIsReturned) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, {1, 2, 4, 8}, [](double x) { return 1 + x * x; });
  EXPECT_NEAR(kriged_seconds(line, {4}, line.usable), 17, 0.01);
}

TEST(Kriging, AHoleFollowsItsRowAndItsColumn) {
  // Rows fall off a cliff between x = 4 and 8, and columns differ by a factor: seconds = f(x) g(y).
  // The mean of the row's neighbours would be sqrt(20) = 4.5 times off.
  const TableRule rule = small_rule(2);
  const auto seconds = [](double x, double y) { return (x < 6 ? 20.0 : 1.0) * y; };
  const Surface grid = small_surface(rule, {1, 2, 4, 8, 16}, {1, 2, 4, 8}, seconds,
                                     [](double x, double y) { return x == 4 && y == 2; });
  EXPECT_NEAR(kriged_seconds(grid, {4, 2}, grid.usable) / 40, 1, 0.05);
}

TEST(Kriging, OnlyUsableRowsCount) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, {1, 2, 4}, [](double x) { return x == 2 ? 2.9 : 1.0; });
  std::vector<char> usable = line.usable;
  usable[1] = 0;
  EXPECT_NEAR(kriged_seconds(line, {2}, usable), 1, 1e-3);
  usable = {0, 0, 0};
  EXPECT_THROW(kriged_seconds(line, {2}, usable), std::logic_error);
}

TEST(Kriging, TheSpreadGrowsWithTheDistance) {
  TableRule rule = small_rule(1);
  rule.axes[0].length = 4;
  const Surface line =
      small_line(rule, {1, 2, 4, 8, 1024}, [](double x) { return 3 + std::cos(std::log2(x)); });
  const double near = krige(line, place_of({3}), line.usable).spread;
  const double far = krige(line, place_of({90}), line.usable).spread;
  EXPECT_GT(far, 1.5 * near);
  EXPECT_GT(near, krige(line, place_of({3}), line.usable).noise);
}

TEST(Kriging, SpikesAmongTheNeighboursDontPullASpikyTableUp) {
  TableRule rule = small_rule(1);
  rule.noise = 0.1;
  rule.axes[0].length = 6;
  const auto seconds = [](double x) { return x == 4 || x == 64 ? 2.5 : 1.0; };
  const std::vector<double> xs = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
  const Surface calm = small_line(rule, xs, seconds);
  TableRule spiky_rule = rule;
  spiky_rule.spiky = true;
  const Surface spiky = small_line(spiky_rule, xs, seconds);
  // Half way between 4 and 8: the plain answer feels the spike at 4, the robust one doesn't.
  EXPECT_GT(kriged_seconds(calm, {5.6}, calm.usable), 1.3);
  EXPECT_NEAR(kriged_seconds(spiky, {5.6}, spiky.usable), 1, 0.15);
}

TEST(Kriging, OnlyTheNearestRowsAreUsed) {
  TableRule rule = small_rule(1);
  rule.neighbours = 2;
  const Surface line =
      small_line(rule, {1, 2, 4, 8, 16}, [](double x) { return x <= 4 ? 1.0 : 1000.0; });
  EXPECT_NEAR(kriged_seconds(line, {1.4}, line.usable), 1, 1e-6);
}

}  // namespace
}  // namespace windtunnel
