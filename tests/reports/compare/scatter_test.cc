#include "reports/compare/scatter.h"

#include <gtest/gtest.h>

#include "simulator/base/random.h"

namespace windtunnel {
namespace {

std::vector<double> gauss(std::size_t n, double deviation) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(deviation * normal(mix(5, i)));
  return values;
}

TEST(Scatter, OfNormalValuesItIsTheirDeviation) {
  EXPECT_NEAR(robust_scatter(gauss(900, 2)), 2, 0.1);
  double mean = 0;
  for (std::uint64_t run = 0; run < 400; ++run) {
    std::vector<double> few;
    for (std::uint64_t i = 0; i < 20; ++i) few.push_back(normal(mix(run, i)));
    mean += robust_scatter(few) / 400;
  }
  EXPECT_NEAR(mean, 1, 0.05);  // few values are corrected for
}

TEST(Scatter, AThirdFarAwayHardlyMovesIt) {
  std::vector<double> values = gauss(900, 1);
  for (std::size_t i = 0; i < 300; ++i) values[i] += 50;
  EXPECT_LT(robust_scatter(values), 2);
}

TEST(Scatter, OfNothingItIsZero) {
  EXPECT_EQ(robust_scatter({}), 0);
  EXPECT_EQ(robust_scatter({3}), 0);
  EXPECT_EQ(robust_scatter(std::vector<double>(10, 3.0)), 0);
}

}  // namespace
}  // namespace windtunnel
