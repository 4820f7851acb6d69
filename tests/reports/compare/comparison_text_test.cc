#include "reports/compare/comparison_text.h"

#include <gtest/gtest.h>

#include "tests/reports/compare/sample_comparison.h"
#include "tests/reports/golden_text.h"

namespace windtunnel {
namespace {

TEST(ComparisonText, ReadsAsItShould) {
  expect_golden("comparison.txt", render_comparison_text(sample_comparison(), false, false));
}

TEST(ComparisonText, OfManyBenchmarksOnlyWhatMattersIsListed) {
  ResultComparison comparison = sample_comparison();
  for (int i = 0; i < 100; ++i) comparison.rows.push_back(comparison.rows[0]);
  const std::string brief = render_comparison_text(comparison, false, false);
  EXPECT_EQ(brief.find("rope"), std::string::npos);
  EXPECT_NE(brief.find("101 more: --all shows them"), std::string::npos);
  EXPECT_NE(render_comparison_text(comparison, true, false).find("rope"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
