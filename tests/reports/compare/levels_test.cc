#include "reports/compare/levels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "bench/noise_shapes.h"

namespace windtunnel {
namespace {

TEST(Levels, TwoClocksAreFoundWithTheirGap) {
  const auto levels =
      two_levels(std::vector{1.0, 1.05, 1.001, 1.052, 0.999, 1.0, 1.051, 1.002, 1.0});
  ASSERT_TRUE(levels);
  EXPECT_NEAR(levels->gap, std::log(1.05), 0.002);
  EXPECT_NEAR(levels->upper_share, 3.0 / 9, 1e-12);
}

TEST(Levels, OneOutlierIsNoLevel) {
  EXPECT_FALSE(two_levels(std::vector{1.0, 1.001, 0.999, 1.002, 1.0, 0.998, 1.3}));
}

TEST(Levels, NormalNoiseHardlyEverHasTwoAsFarApartAsAChange) {
  int wide = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const auto& it : invented({.shape = NoiseShape::kNormal, .seed = seed}).benchmarks) {
      const auto levels = two_levels(it.seconds);
      wide += levels && levels->gap > 0.0375 ? 1 : 0;  // three quarters of 5 %
    }
  }
  EXPECT_LE(wide, 2);  // of 1000
}

}  // namespace
}  // namespace windtunnel
