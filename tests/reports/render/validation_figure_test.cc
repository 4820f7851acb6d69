#include "reports/render/validation_figure.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

// Of the sample's six figures one lies outside, four within, one is not comparable.
TEST(ValidationFigure, VerdictsDifferInShapeNotOnlyInColour) {
  const Figure figure = validation_figure(sample_projection().published, "v");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(occurrences(figure.svg, "class=\"dot outside\" d=\"M"), 1);
  EXPECT_EQ(occurrences(figure.svg, "l6 6-6 6-6-6z"), 1);
  EXPECT_EQ(occurrences(figure.svg, "class=\"dot within\""), 4);
  EXPECT_EQ(occurrences(figure.svg, "class=\"dot open\""), 1);
}

TEST(ValidationFigure, FailuresComeFirst) {
  const Figure figure = validation_figure(sample_projection().published, "v");
  EXPECT_EQ(figure.table.rows[0][1].text, "flops_per_token");
  EXPECT_EQ(figure.table.rows[0][7].badge, "bad");
}

TEST(ValidationFigure, AFigurePublishedAsNothingIsStillDrawn) {
  std::vector<ComparisonRow> rows = {sample_projection().published[0]};
  rows[0].published = 0;
  rows[0].error = 1.0 / 0.0;
  const Figure figure = validation_figure(rows, "v");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(occurrences(figure.svg, "inf"), 0);
}

TEST(ValidationFigure, NothingPublishedSaysSo) {
  const Figure figure = validation_figure({}, "v");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_NE(figure.svg.find("Nothing was published"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
