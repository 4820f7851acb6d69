#include "simulator/hardware/trend.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

struct Samples {
  std::vector<WorkTerms> terms;
  std::vector<double> times;
};

/// 2 us of launch and 3 ns a unit of work, 1 to 2^19 units.
Samples launch_and_work() {
  Samples samples;
  for (double work = 1; work < 1e6; work *= 2) {
    samples.terms.push_back({1, work});
    samples.times.push_back(2e-6 + 3e-9 * work);
  }
  return samples;
}

TEST(Trend, FindsLaunchAndRate) {
  const Samples samples = launch_and_work();
  const Trend trend = fit_trend(samples.terms, samples.times);
  EXPECT_NEAR(trend[0], 2e-6, 2e-8);
  EXPECT_NEAR(trend[1], 3e-9, 3e-11);
  EXPECT_EQ(trend[2], 0);
}

TEST(Trend, OneWildMeasurementHardlyMovesIt) {
  Samples samples = launch_and_work();
  samples.times[10] *= 100;
  const Trend trend = fit_trend(samples.terms, samples.times);
  EXPECT_NEAR(trend[0], 2e-6, 2e-7);
  EXPECT_NEAR(trend[1], 3e-9, 3e-10);
}

TEST(Trend, CoefficientsAreNeverNegative) {
  // Times that fall with the work: the best line would have a negative slope.
  Samples samples;
  for (double work = 1; work < 100; work *= 2) {
    samples.terms.push_back({1, work});
    samples.times.push_back(1e-5 / (1 + 0.01 * work));
  }
  const Trend trend = fit_trend(samples.terms, samples.times);
  for (double coefficient : trend) EXPECT_GE(coefficient, 0);
  EXPECT_GT(trend_seconds(trend, {1, 50}), 0);
}

TEST(Trend, SecondsAreTheSumOfItsTerms) {
  EXPECT_DOUBLE_EQ(trend_seconds({1, 2, 3}, {10, 100, 1000}), 3210);
}

}  // namespace
}  // namespace windtunnel
