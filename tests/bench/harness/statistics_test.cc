#include "bench/harness/statistics.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

TEST(Statistics, QuantilesLieLinearlyBetweenNeighbours) {
  const std::vector<double> values{50, 10, 20, 40, 30};
  const auto summary = summarize(values);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->n, 5U);
  EXPECT_DOUBLE_EQ(summary->least, 10);
  EXPECT_DOUBLE_EQ(summary->p10, 14);
  EXPECT_DOUBLE_EQ(summary->q1, 20);
  EXPECT_DOUBLE_EQ(summary->median, 30);
  EXPECT_DOUBLE_EQ(summary->q3, 40);
  EXPECT_DOUBLE_EQ(summary->p90, 46);
  EXPECT_DOUBLE_EQ(summary->noise, 20.0 / 30);
  EXPECT_DOUBLE_EQ(summarize(std::vector<double>{1, 2})->median, 1.5);
  EXPECT_DOUBLE_EQ(summarize(std::vector<double>{7})->noise, 0);
}

TEST(Statistics, AnOutlierMovesNeitherMedianNorNoise) {
  std::vector<double> values(99, 100.0);
  values.push_back(1e9);
  EXPECT_DOUBLE_EQ(summarize(values)->median, 100);
  EXPECT_DOUBLE_EQ(summarize(values)->noise, 0);
}

TEST(Statistics, NothingIsSaidOfNothingOrOfWhatIsNoTime) {
  EXPECT_FALSE(summarize(std::vector<double>{}));
  for (const double broken : {std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity(), 0.0, -1.0}) {
    EXPECT_FALSE(summarize(std::vector<double>{1, broken, 2})) << broken;
  }
}

TEST(Statistics, ClearGapsInTimeAndCyclesAreDifferences) {
  const auto base = invented_samples(1000, 11);
  EXPECT_EQ(compare(base, invented_samples(1100, 11)), Difference::kSlower);
  EXPECT_EQ(compare(base, invented_samples(900, 11)), Difference::kFaster);
  EXPECT_EQ(compare(base, invented_samples(1005, 11)), Difference::kSame);
}

// 10 % more time at 10 % less clock is the same number of cycles: the clock changed, not the
// kernel.
TEST(Statistics, ASlowerClockIsNoSlowerKernel) {
  const auto base = invented_samples(1000, 11, 1980);
  EXPECT_EQ(compare(base, invented_samples(1100, 11, 1800)), Difference::kUndecided);
  // And the same time at a lower clock is a faster kernel that time doesn't show.
  EXPECT_EQ(compare(base, invented_samples(1000, 11, 1800)), Difference::kUndecided);
}

TEST(Statistics, WithoutSamplesNothingIsDecided) {
  EXPECT_EQ(compare({}, invented_samples(1, 9)), Difference::kUndecided);
  EXPECT_EQ(difference_name(Difference::kUndecided), "undecided");
  EXPECT_EQ(difference_name(Difference::kSlower), "slower");
}

}  // namespace
}  // namespace windtunnel::bench
