#include "reports/render/side_by_side.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(SideBySide, NeedsTwo) {
  EXPECT_EQ(side_by_side({sample_projection({4, 10})}, {}), "");
  EXPECT_EQ(side_by_side({}, {small_deployment()}), "");
}

TEST(SideBySide, RunsAndDeploymentsHaveTheirTablesAndLinks) {
  const Projection run = sample_projection({4, 10});
  const std::string html = side_by_side({run, run}, {small_deployment(), small_deployment()});
  EXPECT_EQ(markup_problem("<div>" + html + "</div>"), "");
  for (const char* text :
       {"4 scenarios side by side", "2 runs", "2 deployments", "href=\"#scenario-2\"",
        "href=\"#serving-2\"", "GPU hours, side by side", "Decoding, side by side"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
}

// A single step has no hours: then all are compared by their step.
TEST(SideBySide, WithoutARunTheStepIsCompared) {
  Projection step = sample_projection({4, 10});
  step.run.reset();
  const std::string html = side_by_side({sample_projection({4, 10}), step}, {});
  EXPECT_NE(html.find("Step time, side by side"), std::string::npos);
}

TEST(SideBySide, DeploymentsWithoutTimesHaveNoFigure) {
  ServingProjection none = small_deployment();
  none.rates.reset();
  const std::string html = side_by_side({}, {small_deployment(), none});
  EXPECT_EQ(markup_problem("<div>" + html + "</div>"), "");
  EXPECT_EQ(occurrences(html, "<svg "), 0);
}

}  // namespace
}  // namespace windtunnel
