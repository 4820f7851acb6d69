#include "reports/compare/comparison_section.h"

#include <gtest/gtest.h>

#include "tests/reports/compare/sample_comparison.h"
#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(ComparisonSection, IsWellFormedAndShowsEveryBenchmark) {
  const std::string html = comparison_section(sample_comparison());
  EXPECT_EQ(markup_problem(html), "");
  for (const char* text : {"rope/&lt;bf16&gt;", "gemm/bf16", "REGRESSED", "only in BASE", "<svg",
                           "driver differs", "+5.0 %"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
}

TEST(ComparisonSection, APageHoldsIt) {
  const std::string page = render_comparison_page(sample_comparison(), {"0.1", "abc"});
  EXPECT_EQ(page.find("<!DOCTYPE html>"), 0U);
  EXPECT_NE(page.find(comparison_section(sample_comparison())), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
