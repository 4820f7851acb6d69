#include "reports/render/page_sections.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(PageSections, SixCardsAndFiveWithoutARun) {
  EXPECT_EQ(occurrences(verdict_cards(sample_projection({4, 10}), "s"), "class=\"card\""), 6);
  EXPECT_EQ(occurrences(verdict_cards(empty_projection(), "s"), "class=\"card\""), 5);
}

TEST(PageSections, ACardSaysWhetherTheMemoryFits) {
  Projection projection = sample_projection({4, 10});
  EXPECT_NE(verdict_cards(projection, "s").find("badge good\" href=\"#s-ledger\">fits, estimated<"),
            std::string::npos);
  projection.memory.fits = false;
  EXPECT_NE(verdict_cards(projection, "s")
                .find("badge bad\" href=\"#s-ledger\">does not fit, estimated<"),
            std::string::npos);
}

TEST(PageSections, TheBadgeNamesTheBasisOfMostOfTheTime) {
  Projection projection = sample_projection({4, 10});
  projection.provenance.measured = 0.2;
  projection.provenance.scaled = 0.3;
  projection.provenance.estimated = 0.5;
  EXPECT_NE(verdict_cards(projection, "s")
                .find("badge estimated\" href=\"#s-sources\">50.0 % estimated<"),
            std::string::npos);
}

TEST(PageSections, TheLedgerEndsWithItsSum) {
  const std::string html = ledger_card(sample_projection().memory, "s");
  EXPECT_NE(html.find("<th scope=\"row\">together</th><td class=\"n\">61.7 GiB</td>"),
            std::string::npos);
  EXPECT_NE(html.find("bytes a value x values of both stages"), std::string::npos);
}

TEST(PageSections, ARunIsATableOfItsStages) {
  EXPECT_EQ(occurrences(run_section(sample_projection({4, 10})), "<tr>"), 1 + 3);
  EXPECT_EQ(run_section(empty_projection()), "");
}

// 60 terms are listed, the other ten in one row.
TEST(PageSections, ManyTermsEndInOneRowForTheRest) {
  Projection projection = sample_projection({4, 10});
  projection.terms.assign(70, projection.terms[0]);
  const std::string html = terms_section(projection, "s");
  EXPECT_EQ(occurrences(html, "<tr>"), 1 + 1 + 60 + 1);  // the head of the sources' table, too
  EXPECT_NE(html.find("10 shorter terms"), std::string::npos);
}

TEST(PageSections, InputsAreListedWithTheirHashes) {
  const std::string html = inputs_section(sample_projection({4, 10}));
  EXPECT_NE(html.find("9f2c6d1e5b7a4c038e1d2f3a4b5c6d7e"), std::string::npos);
}

TEST(PageSections, TheScenarioIsNamedWithItsFile) {
  const std::string html = scenario_summary(sample_projection({4, 10}).scenario);
  EXPECT_NE(html.find("scenarios/sample/pretrain.toml"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
