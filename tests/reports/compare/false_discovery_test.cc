#include "reports/compare/false_discovery.h"

#include <gtest/gtest.h>

#include "tests/reports/compare/goldens.h"

namespace windtunnel {
namespace {

TEST(FalseDiscovery, AdjustsAsBenjaminiAndHochbergDo) {
  const auto golden = goldens("adjusted");
  const std::vector<double> adjusted = adjusted_p(numbers(golden["p"]));
  const std::vector<double> expected = golden["adjusted"];
  ASSERT_EQ(adjusted.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12);
}

TEST(FalseDiscovery, OneTestIsLeftAlone) {
  EXPECT_EQ(adjusted_p(std::vector{0.03}), std::vector{0.03});
  EXPECT_TRUE(adjusted_p({}).empty());
}

TEST(FalseDiscovery, ASmallerPIsNeverAdjustedAboveALarger) {
  // 0.01 x 3 / 1 = 0.03, but 0.011 x 3 / 2 = 0.0165 stands for both.
  EXPECT_EQ(adjusted_p(std::vector{0.01, 0.011, 1.0}), (std::vector{0.0165, 0.0165, 1.0}));
}

}  // namespace
}  // namespace windtunnel
