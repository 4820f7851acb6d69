#include "reports/render/parts_figure.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(PartsFigure, ARankARowAndTheirMean) {
  const Figure figure = parts_figure(sample_projection().step, "p");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(figure.table.rows.size(), 17U);
  EXPECT_EQ(figure.table.rows[0][0].text, "mean");
  EXPECT_NE(figure.svg.find(">rank 15</text>"), std::string::npos);
}

TEST(PartsFigure, BubblesAreHatched) {
  const Figure figure = parts_figure(sample_projection().step, "p");
  // One a rank, the mean's, and the legend's swatch.
  EXPECT_EQ(occurrences(figure.svg, "fill=\"url(#p-bubble)\""), 18);
}

TEST(PartsFigure, PartsThatAreNothingAreNotDrawn) {
  const Figure figure = parts_figure(empty_projection().step, "p");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(occurrences(figure.svg, "<title>"), 0);
}

}  // namespace
}  // namespace windtunnel
