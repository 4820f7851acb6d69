#include "reports/compare/median_ratio.h"

#include <gtest/gtest.h>

#include "tests/reports/compare/goldens.h"

namespace windtunnel {
namespace {

TEST(MedianRatio, TheIntervalIsThatOfSciPysMillionResamples) {
  for (const auto& golden : goldens("bootstrap")) {
    const RatioInterval ours =
        median_ratio(numbers(golden["first"]), numbers(golden["second"]), golden["level"]);
    // A resample's median is one of few values, between which SciPy interpolates.
    EXPECT_NEAR(ours.low, golden["low"].get<double>(), 2e-4) << golden["level"];
    EXPECT_NEAR(ours.high, golden["high"].get<double>(), 2e-4) << golden["level"];
  }
}

TEST(MedianRatio, TheMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  EXPECT_DOUBLE_EQ(median(std::vector{4.0, 1.0, 2.0, 100.0}), 3);
  EXPECT_DOUBLE_EQ(median(std::vector{9.0, 1.0, 2.0}), 2);
}

TEST(MedianRatio, EqualValuesLeaveNoDoubt) {
  const std::vector<double> base(9, 2.0);
  const std::vector<double> now(8, 3.0);
  const RatioInterval ratio = median_ratio(base, now, 0.99);
  EXPECT_DOUBLE_EQ(ratio.ratio, 1.5);
  EXPECT_NEAR(ratio.low, 1.5, 1e-12);
  EXPECT_NEAR(ratio.high, 1.5, 1e-12);
}

TEST(MedianRatio, ManySamplesAreFineAndNarrow) {
  std::vector<double> base;
  for (int i = 0; i < 20001; ++i) base.push_back(1 + 0.00001 * i);
  std::vector<double> now(base);
  now.push_back(1.1);  // an even number
  const RatioInterval ratio = median_ratio(base, now, 0.99);
  EXPECT_NEAR(ratio.ratio, 1, 1e-4);
  // Of n uniform values on [1, 1.2] the median's standard error is 0.1 / sqrt(n) = 0.0007.
  EXPECT_NEAR(ratio.high - ratio.low, 2 * 2.576 * 1.414 * 0.0007071 / 1.1, 1e-4);
}

}  // namespace
}  // namespace windtunnel
