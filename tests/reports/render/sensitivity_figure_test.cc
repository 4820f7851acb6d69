#include "reports/render/sensitivity_figure.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

// The sample's ranges: imbalance -2.1..+6.8 %, division -1.2..+5.4 %, the gap -0.6..+1.1 %.
TEST(SensitivityFigure, TheWidestBarIsOnTop) {
  const Figure figure = tornado_figure(sensitivity_rows(sample_projection()), "s");
  EXPECT_EQ(markup_problem(figure.svg), "");
  ASSERT_EQ(figure.table.rows.size(), 5U);
  EXPECT_EQ(figure.table.rows[0][0].text, "routing imbalance");
  EXPECT_EQ(figure.table.rows[0][6].text, "-2.1 % to +6.8 %");
  EXPECT_EQ(figure.table.rows[1][0].text, "division of layers over stages");
}

TEST(SensitivityFigure, WithoutARunTheStepIsMeant) {
  Projection projection = sample_projection();
  projection.run.reset();
  const Figure figure = tornado_figure(sensitivity_rows(projection), "s");
  EXPECT_NE(figure.svg.find("change of the step time"), std::string::npos);
  EXPECT_EQ(figure.table.rows[0][6].text, "-2.1 % to +6.8 %");
}

TEST(SensitivityFigure, ManyAssumptionsAreCutInTheDrawingOnly) {
  Projection projection = sample_projection();
  projection.provenance.assumptions.assign(30, projection.provenance.assumptions[0]);
  const Figure figure = tornado_figure(sensitivity_rows(projection), "s");
  EXPECT_EQ(occurrences(figure.svg, "class=\"longer\""), 10);
  EXPECT_EQ(figure.table.rows.size(), 30U);
  EXPECT_NE(figure.caption.find("The widest 10 of 30."), std::string::npos);
}

TEST(SensitivityFigure, NoAssumptionSaysSo) {
  const Figure figure = tornado_figure(sensitivity_rows(empty_projection()), "s");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_NE(figure.svg.find("No assumption was made."), std::string::npos);
}

// A class of prices, moved to the ends of its interval, stands among the assumptions.
TEST(SensitivityFigure, PricesStandBetweenTheAssumptionsAndAreStriped) {
  Projection projection = sample_projection();
  const double hours = projection.run->gpu_hours;
  projection.provenance.measurements = {{"dispatch", hours * 0.96, hours * 1.03, 1, 2}};
  const Figure figure = tornado_figure(sensitivity_rows(projection), "s");
  EXPECT_EQ(markup_problem(figure.svg), "");
  ASSERT_EQ(figure.table.rows.size(), 6U);
  EXPECT_EQ(figure.table.rows[1][0].text, "prices of dispatch");
  EXPECT_EQ(figure.table.rows[1][1].badge, "priced");
  EXPECT_EQ(figure.table.rows[1][6].text, "-4.0 % to +3.0 %");
  EXPECT_EQ(occurrences(figure.svg, "fill=\"url(#s-longer)\""), 1);
  EXPECT_NE(figure.caption.find("Striped: a class of prices"), std::string::npos);
}

TEST(SensitivityFigure, OfADeploymentTheNextTokenIsMeant) {
  const Tornado tornado = sensitivity_rows(small_deployment());
  EXPECT_EQ(tornado.quantity, "the time to the next token");
  ASSERT_FALSE(tornado.rows.empty());
  EXPECT_EQ(tornado.rows[0].what, "launch_gap");
}

}  // namespace
}  // namespace windtunnel
