#include "simulator/workload/rank_speed.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

Scenario with_stragglers(std::vector<Straggler> stragglers) {
  Scenario scenario = pretraining();
  scenario.skew.speed = SpeedSkew{.deviation = {}, .stragglers = std::move(stragglers)};
  return scenario;
}

Assumption<double> deviation_of(double value) {
  return {.value = value, .low = 0, .high = value, .why = "test"};
}

TEST(RankSpeed, GpusAreAlikeUnlessSaidOtherwise) {
  EXPECT_TRUE(time_factors(pretraining()).empty());
  EXPECT_TRUE(time_factors(with_stragglers({})).empty());
  EXPECT_FALSE(unfoldable(pretraining()));
}

// GPU 1000 of 16 x 128: pipeline rank 7, data rank 104.
TEST(RankSpeed, AStragglerIsItsRank) {
  const Scenario scenario = with_stragglers({{.rank = 1000, .factor = 1.05}});
  const std::vector<double> factors = time_factors(scenario);
  ASSERT_EQ(factors.size(), 2048U);
  EXPECT_EQ(factors[7 * 128 + 104], 1.05);
  EXPECT_EQ(factors[0], 1);
  EXPECT_EQ(straggling_ranks(scenario), std::vector<int>{104});
}

// Eight GPUs in lock-step wait for the slowest of them: GPUs 1000 and 1001 are data rank 125 of
// pipeline rank 0 where 16 pipeline ranks have 16 data ranks each... 1000 / 8 = 125 = 7 x 16 + 13.
TEST(RankSpeed, OfGpusInLockStepTheSlowestCounts) {
  Scenario scenario =
      with_stragglers({{.rank = 1000, .factor = 1.05}, {.rank = 1001, .factor = 1.5}});
  scenario.parallelism.tensor = 8;
  const std::vector<double> factors = time_factors(scenario);
  ASSERT_EQ(factors.size(), 256U);
  EXPECT_EQ(factors[125], 1.5);
  EXPECT_EQ(straggling_ranks(scenario), std::vector<int>{13});
}

TEST(RankSpeed, DrawnSpeedsHaveTheirDeviation) {
  Scenario scenario = with_stragglers({});
  scenario.skew.speed->deviation = deviation_of(0.02);
  const std::vector<double> factors = time_factors(scenario);
  double sum = 0;
  double squares = 0;
  for (const double factor : factors) {
    sum += 1 / factor;
    squares += (1 / factor - 1) * (1 / factor - 1);
  }
  EXPECT_NEAR(sum / 2048, 1, 0.002);
  EXPECT_NEAR(std::sqrt(squares / 2048), 0.02, 0.001);
  EXPECT_EQ(factors, time_factors(scenario));
}

// Data ranks 0 to 63 and 64 to 127 are an expert group each.
TEST(RankSpeed, FoldedStepsShowStragglersOfOneExpertGroup) {
  EXPECT_FALSE(unfoldable(with_stragglers({{.rank = 3, .factor = 2}, {.rank = 128, .factor = 2}})));
  Scenario two = with_stragglers({{.rank = 3, .factor = 2}, {.rank = 64, .factor = 2}});
  two.skew.at.stragglers.line = 7;
  const auto why = unfoldable(two);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->value, "stragglers are in more than one expert group");
  EXPECT_EQ(why->source.line, 7);
}

TEST(RankSpeed, DrawnSpeedsAndJitterDoNotFold) {
  Scenario drawn = with_stragglers({{.rank = 3, .factor = 2}});
  drawn.skew.speed->deviation = deviation_of(0.02);
  drawn.skew.jitter = deviation_of(0.01);
  EXPECT_TRUE(unfoldable(drawn));
  const Scenario left = foldable(drawn);
  EXPECT_FALSE(unfoldable(left));
  EXPECT_EQ(straggling_ranks(left), std::vector<int>{3});
  EXPECT_TRUE(
      time_factors(foldable(with_stragglers({{.rank = 3, .factor = 2}, {.rank = 64, .factor = 2}})))
          .empty());
}

}  // namespace
}  // namespace windtunnel
