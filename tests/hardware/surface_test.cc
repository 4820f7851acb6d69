#include "simulator/hardware/surface.h"

#include <gtest/gtest.h>

#include "tests/hardware/small_surface.h"

namespace windtunnel {
namespace {

TEST(Surface, TrendTimesResidualIsTheMeasurement) {
  const TableRule& rule = *find_table_rule("gemm");
  const std::vector<double> axes = {1, 256, 256, 64, 256, 256, 4096, 256, 256, 4096, 4096, 4096};
  const std::vector<double> seconds = {3e-6, 4e-6, 9e-6, 2e-4};
  const Surface surface = make_surface(rule, {"bfloat16"}, axes, seconds);
  ASSERT_EQ(surface.rows(), 4U);
  for (std::size_t row = 0; row < 4; ++row) {
    const double trend = trend_at(surface, surface.place(row));
    EXPECT_NEAR(trend * std::exp(surface.residuals[row]) / seconds[row], 1, 1e-12);
  }
  EXPECT_DOUBLE_EQ(surface.place(2)[0], 12);  // log2(4096)
}

TEST(Surface, FarAwayTheTrendGrowsWithTheWork) {
  const TableRule& rule = *find_table_rule("mla_bmm");
  std::vector<double> axes, seconds;
  for (double tokens = 1; tokens <= 4096; tokens *= 2) {
    axes.insert(axes.end(), {16, tokens});
    seconds.push_back(5e-6 + 1e-9 * 16 * tokens);
  }
  const Surface surface = make_surface(rule, {"op", "bfloat16"}, axes, seconds);
  const double once = trend_at(surface, place_of({16, 1e7}));
  const double twice = trend_at(surface, place_of({16, 2e7}));
  EXPECT_NEAR(twice / once, 2, 0.01);
}

}  // namespace
}  // namespace windtunnel
