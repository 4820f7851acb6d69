#include "reports/compare/mann_whitney.h"

#include <gtest/gtest.h>

#include "tests/reports/compare/goldens.h"

namespace windtunnel {
namespace {

TEST(MannWhitney, ExactAndWithTiesItIsSciPys) {
  for (const auto& golden : goldens("exact")) {
    const RankTest test = mann_whitney(numbers(golden["first"]), numbers(golden["second"]));
    EXPECT_DOUBLE_EQ(test.u, golden["u"]) << golden;
    EXPECT_NEAR(test.p, golden["p"].get<double>(), 1e-12) << golden;
  }
}

TEST(MannWhitney, OfManyValuesItIsSciPysApproximation) {
  for (const auto& golden : goldens("asymptotic")) {
    const RankTest test = mann_whitney(numbers(golden["first"]), numbers(golden["second"]));
    EXPECT_DOUBLE_EQ(test.u, golden["u"]);
    EXPECT_NEAR(test.p, golden["p"].get<double>(), 1e-12);
  }
}

TEST(MannWhitney, SamplesThatShareNothingHaveTheLeastP) {
  const std::vector<double> low = {1, 2, 3, 4, 5};
  const std::vector<double> high = {6, 7, 8, 9, 10};
  EXPECT_DOUBLE_EQ(mann_whitney(low, high).u, 25);
  EXPECT_DOUBLE_EQ(mann_whitney(high, low).u, 0);
  EXPECT_NEAR(mann_whitney(low, high).p, 2.0 / 252, 1e-15);  // 10 choose 5
  EXPECT_NEAR(least_p(5, 5), 2.0 / 252, 1e-12);
  EXPECT_NEAR(least_p(9, 9), 2.0 / 48620, 1e-12);
}

TEST(MannWhitney, EqualValuesTellNothing) {
  const std::vector<double> same(30, 1.0);
  EXPECT_DOUBLE_EQ(mann_whitney(same, same).p, 1);
  EXPECT_DOUBLE_EQ(mann_whitney({same.data(), 4}, {same.data(), 3}).p, 1);
}

}  // namespace
}  // namespace windtunnel
