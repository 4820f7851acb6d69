#include "reports/render/explain.h"

#include <gtest/gtest.h>

#include "tests/reports/golden_text.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(Explain, TermsAssumptionsAndLedgerArePinnedWhole) {
  expect_golden("explain.txt", render_explain(sample_projection()));
}

TEST(Explain, EveryTermNamesItsSource) {
  const Projection projection = sample_projection();
  const std::string text = render_explain(projection);
  for (const PricedTerm& term : projection.terms) {
    EXPECT_NE(text.find(term.kernel), std::string::npos);
    EXPECT_NE(text.find(term.price.provenance.source), std::string::npos);
  }
}

// Three MoE terms of attn(F) and 8 us of gaps, 480 times in a step: 2.338 ms x 480 = 1.122 s.
TEST(Explain, APhaseIsSummedOverItsTerms) {
  const std::string text = render_explain(sample_projection());
  const std::size_t line = text.find("  attn(F) ");
  ASSERT_NE(line, std::string::npos);
  EXPECT_NE(text.substr(line, text.find('\n', line) - line).find("1.122 s"), std::string::npos);
}

TEST(Explain, LaunchGapsAreRowsOfTheirOwnAndAssumed) {
  const std::string text = render_explain(sample_projection());
  const std::size_t line = text.find("    launch gaps ");
  ASSERT_NE(line, std::string::npos);
  const std::string row = text.substr(line, text.find('\n', line) - line);
  EXPECT_NE(row.find("4 x 2.00 us"), std::string::npos) << row;
  EXPECT_NE(row.find("x  480 any"), std::string::npos) << row;
  EXPECT_NE(row.find(" assumed "), std::string::npos) << row;
}

TEST(Explain, SettingsThatCostDifferentlyAreRowsOfTheirOwn) {
  Projection projection = sample_projection();
  PricedTerm& term = projection.terms[0];
  term.runs[1].price.time = term.runs[1].price.time * 0.5;
  const std::string text = render_explain(projection);
  EXPECT_NE(text.find("x  450 paired"), std::string::npos);
  EXPECT_NE(text.find("x   30 alone"), std::string::npos);
}

/// The seconds before " s" in the line of `text` that begins with `name`.
double seconds_in_line(const std::string& text, const std::string& name) {
  const std::size_t line = text.find("\n  " + name + " ");
  if (line == std::string::npos) return -1;
  return std::stod(text.substr(line + name.size() + 3));
}

TEST(Explain, ThePartsOfTheStepAddUpToIt) {
  const std::string text = render_explain(sample_projection());
  const std::string parts = text.substr(text.find("The step of pipeline rank 0"));
  double sum = 0;
  for (const char* name : {"kernels", "gaps", "waiting", "bubble", "optimizer"}) {
    sum += seconds_in_line(parts, name);
  }
  EXPECT_NEAR(sum, seconds_in_line(parts, "step"), 0.003);
  EXPECT_GT(seconds_in_line(parts, "kernels"), 1);
}

TEST(Explain, AnEmptyProjectionHasNoTermsAndSaysSo) {
  const std::string text = render_explain(empty_projection());
  EXPECT_NE(text.find("Assumptions\n  none\n"), std::string::npos);
  EXPECT_EQ(occurrences(text, "nan"), 0);
}

}  // namespace
}  // namespace windtunnel
