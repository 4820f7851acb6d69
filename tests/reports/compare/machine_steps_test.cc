#include "reports/compare/machine_steps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "bench/noise_shapes.h"

namespace windtunnel {
namespace {

const std::vector<double> kFlat = {1, 1.001, 0.999, 1.002, 0.998, 1, 1.001, 0.999, 1};
const std::vector<double> kStep = {1, 1.001, 0.999, 1.002, 1.05, 1.051, 1.049, 1.05, 1.05};

Moved of(const std::vector<double>& base, const std::vector<double>& now, double ratio) {
  const int side = ratio > 1 ? 1 : ratio < 1 ? -1 : 0;
  return {.base = base, .now = now, .change = std::log(ratio), .side = side, .clocked = false};
}

TEST(MachineSteps, AStepIsFoundUpAndDownWithItsSize) {
  ASSERT_TRUE(step_of(kStep));
  EXPECT_NEAR(*step_of(kStep), std::log(1.05), 0.001);
  const std::vector<double> down(kStep.rbegin(), kStep.rend());
  ASSERT_TRUE(step_of(down));
  EXPECT_NEAR(*step_of(down), *step_of(kStep), 1e-12);
}

TEST(MachineSteps, OutliersMixedLevelsAndTooFewValuesAreNoStep) {
  EXPECT_FALSE(step_of(kFlat));
  EXPECT_FALSE(step_of(std::vector{1.0, 1.001, 0.999, 1.002, 1.0, 0.998, 1.3}));
  EXPECT_FALSE(step_of(std::vector{1.0, 1.05, 1.001, 1.052, 0.999, 1.0, 1.051, 1.002, 1.0}));
  EXPECT_FALSE(step_of(std::vector{1.0, 1.0, 1.05, 1.05, 1.05}));
  EXPECT_FALSE(step_of(std::vector{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}));
}

// Counted over a million series of nine normal values: 1.6 %.
TEST(MachineSteps, NoiseSeldomStepsAndNeverByAsMuchAsAChange) {
  int steps = 0;
  int wide = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const auto& it : invented({.shape = NoiseShape::kNormal, .seed = seed}).benchmarks) {
      const auto step = step_of(it.seconds);
      steps += step ? 1 : 0;
      wide += step && *step > 0.0375 ? 1 : 0;  // three quarters of 5 %
    }
  }
  EXPECT_GT(steps, 10);  // of 2000
  EXPECT_LT(steps, 55);
  EXPECT_LE(wide, 1);
}

TEST(MachineSteps, AStepElsewhereExplainsChangesOfItsSizeOnly) {
  const std::vector<Moved> all = {of(kFlat, kFlat, 1.05), of(kFlat, kStep, 1),
                                  of(kFlat, kFlat, 1.08), of(kFlat, kFlat, 1.02),
                                  of(kFlat, kFlat, 1)};
  const std::vector<double> steps = machine_steps(all);
  ASSERT_EQ(steps.size(), all.size());
  EXPECT_NEAR(steps[0], std::log(1.05), 0.001);
  EXPECT_EQ(steps[2], 0);  // too large
  EXPECT_EQ(steps[3], 0);  // too small
  EXPECT_EQ(steps[4], 0);  // no change
}

TEST(MachineSteps, WhereClocksAreKnownTheyDecide) {
  std::vector<Moved> all = {of(kFlat, kFlat, 1.05), of(kFlat, kStep, 1)};
  for (Moved& it : all) it.clocked = true;
  EXPECT_EQ(machine_steps(all), (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace windtunnel
