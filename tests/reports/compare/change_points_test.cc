#include "reports/compare/change_points.h"

#include <gtest/gtest.h>

#include "simulator/base/random.h"
#include "tests/reports/compare/goldens.h"

namespace windtunnel {
namespace {

/// Values around 100 with 1 % noise; each level lasts `length`.
std::vector<double> series(const std::vector<double>& levels, int length, std::uint64_t seed) {
  std::vector<double> values;
  for (const double level : levels) {
    for (int i = 0; i < length; ++i) {
      values.push_back(100 * level * (1 + 0.01 * normal(mix(seed, values.size()))));
    }
  }
  return values;
}

TEST(ChangePoints, TheEnergyDistanceIsItsDefinition) {
  for (const auto& golden : goldens("energy")) {
    EXPECT_NEAR(energy_distance(numbers(golden["values"]), golden["split"]),
                golden["distance"].get<double>(), 1e-9);
  }
}

TEST(ChangePoints, StepsAreFoundWhereTheyAre) {
  const auto points = change_points(series({1, 1.06, 0.97}, 15, 3), {});
  ASSERT_EQ(points.size(), 2U);
  EXPECT_NEAR(static_cast<double>(points[0].at), 15, 1);
  EXPECT_NEAR(points[0].ratio, 1.06, 0.015);
  EXPECT_NEAR(static_cast<double>(points[1].at), 30, 1);
  EXPECT_NEAR(points[1].ratio, 0.97 / 1.06, 0.015);
  EXPECT_LE(points[1].p, 0.01);
}

TEST(ChangePoints, NoiseAloneHardlyEverHasOne) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    found += change_points(series({1}, 30, seed + 100), {}).empty() ? 0 : 1;
  }
  EXPECT_LE(found, 1);
}

TEST(ChangePoints, ASpikeAndASmallStepAreNone) {
  std::vector<double> spiked = series({1}, 30, 4);
  spiked[12] *= 3;
  EXPECT_TRUE(change_points(spiked, {}).empty());
  std::vector<double> small;
  for (int i = 0; i < 30; ++i) small.push_back((i < 15 ? 1 : 1.01) * (1 + 0.0001 * (i % 3)));
  EXPECT_TRUE(change_points(small, {}).empty());  // 1 %, below the minimum effect
  ChangePointRules rules;
  rules.minimum_effect = 0.005;
  EXPECT_EQ(change_points(small, rules).size(), 1U);
}

TEST(ChangePoints, FewValuesHaveNone) {
  EXPECT_TRUE(change_points(std::vector{1.0, 1.0, 1.0, 2.0, 2.0, 2.0}, {}).empty());
  EXPECT_TRUE(change_points({}, {}).empty());
}

}  // namespace
}  // namespace windtunnel
