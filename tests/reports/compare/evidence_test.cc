#include "reports/compare/evidence.h"

#include <gtest/gtest.h>

#include <cmath>

namespace windtunnel {
namespace {

BenchmarkSamples taken(double seconds, double mhz) {
  BenchmarkSamples samples{};
  for (int i = 0; i < 9; ++i) {
    samples.seconds.push_back(seconds * (1 + 0.001 * ((i * 4) % 9 - 4)));
    if (mhz > 0) samples.mhz.push_back(mhz);
  }
  return samples;
}

TEST(Evidence, CyclesAreTimeTimesClock) {
  const Evidence evidence = weigh(taken(1e-3, 2000), taken(1.1e-3, 1000), 0.99);
  EXPECT_NEAR(evidence.time.ratio.ratio, 1.1, 1e-12);
  EXPECT_TRUE(evidence.time.separated);
  ASSERT_TRUE(evidence.cycles);
  EXPECT_NEAR(evidence.cycles->ratio.ratio, 0.55, 1e-12);
  EXPECT_EQ(evidence.base_mhz, 2000);
  EXPECT_EQ(evidence.new_mhz, 1000);
}

TEST(Evidence, WithoutClocksOnBothSidesThereAreNoCycles) {
  EXPECT_FALSE(weigh(taken(1e-3, 2000), taken(1e-3, 0), 0.99).cycles);
}

TEST(Evidence, AnIntervalIsWidenedInLogarithms) {
  const RatioInterval wide = widened({1.1, 1.0, 1.21}, 2);
  EXPECT_NEAR(wide.low, 1.1 / 1.21, 1e-12);
  EXPECT_NEAR(wide.high, 1.1 * 1.21, 1e-12);
  // 99 % of a normal distribution lie within 2.5758 standard errors.
  EXPECT_NEAR(standard_error({1, std::exp(-0.025758), std::exp(0.025758)}, 0.99), 0.01, 1e-6);
}

}  // namespace
}  // namespace windtunnel
