#include "reports/compare/difference_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/compare/sample_documents.h"
#include "tests/reports/golden_text.h"

namespace windtunnel {
namespace {

ProjectionDifference sample_difference() {
  return compare_projections(
      document_of({}),
      document_of({.hours = "90", .launches = "3", .hash = "h2", .commit = "c2", .gap = "3 us"}),
      {{"terms[*", std::nullopt, "more launches, as expected"}});
}

TEST(DifferenceReport, ReadsAsItShould) {
  expect_golden("projection-difference.txt",
                render_difference_text(sample_difference(), false, false));
  const auto same = compare_projections(document_of({}), document_of({}), {});
  EXPECT_EQ(render_difference_text(same, false, false), "the projections are the same\n");
}

TEST(DifferenceReport, TheDocumentHasRowsAndCauses) {
  const auto json =
      nlohmann::json::parse(render_difference_json(sample_difference(), {"0.1", "abc"}));
  EXPECT_EQ(json["schema"], "windtunnel/comparison");
  EXPECT_EQ(json["kind"], "projections");
  EXPECT_EQ(json["rows"][0]["field"], "run.gpu_hours");
  EXPECT_EQ(json["rows"][0]["verdict"], "CHANGED");
  EXPECT_EQ(json["rows"][2]["verdict"], "ACCEPTED");
  EXPECT_EQ(json["attribution"]["inputs"][0], "m.csv");
  EXPECT_EQ(json["attribution"]["terms"][0]["cause"], "launched 3 instead of 2 times");
}

TEST(DifferenceReport, TheSummaryIsMarkdown) {
  EXPECT_EQ(render_difference_summary(sample_difference()).find("### Projection: 4 fields differ"),
            0U);
}

}  // namespace
}  // namespace windtunnel
