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

// Three MoE terms of attn(F), 480 times in a step: (2.14 + 0.11 + 0.08) ms x 480 = 1.118 s.
TEST(Explain, APhaseIsSummedOverItsTerms) {
  const std::string text = render_explain(sample_projection());
  const std::size_t line = text.find("  attn(F) ");
  ASSERT_NE(line, std::string::npos);
  EXPECT_NE(text.substr(line, text.find('\n', line) - line).find("1.118 s in a step"),
            std::string::npos);
}

TEST(Explain, AnEmptyProjectionHasNoTermsAndSaysSo) {
  const std::string text = render_explain(empty_projection());
  EXPECT_NE(text.find("Assumptions\n  none\n"), std::string::npos);
  EXPECT_EQ(occurrences(text, "nan"), 0);
}

}  // namespace
}  // namespace windtunnel
