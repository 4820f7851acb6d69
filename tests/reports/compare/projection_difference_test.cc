#include "reports/compare/projection_difference.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/reports/compare/sample_documents.h"

namespace windtunnel {
namespace {

TEST(ProjectionDifference, OnlyTheMachineMayDiffer) {
  const JsonFile base = document_of({});
  EXPECT_TRUE(compare_projections(base, document_of({.engine = "2"}), {}).fields.empty());
  // The last digit of a double counts.
  const auto other = compare_projections(base, document_of({.hours = "100.50000000000001"}), {});
  ASSERT_EQ(other.fields.size(), 1U);
  EXPECT_EQ(other.fields[0].field, "run.gpu_hours");
  EXPECT_EQ(other.fields[0].base_number, 100.5);
  EXPECT_EQ(unaccepted(other), 1U);
}

TEST(ProjectionDifference, WhatIsAcceptedIsThatDocumentOnlyWhereItIsPinned) {
  const JsonFile base = document_of({});
  const JsonFile now = document_of({.hours = "90"});
  const std::string figures = compare_projections(base, now, {}).figures;
  EXPECT_EQ(unaccepted(compare_projections(base, now, {{"run.*", figures, "a new table"}})), 0U);
  EXPECT_EQ(unaccepted(compare_projections(base, document_of({.hours = "80"}),
                                           {{"run.*", figures, "a new table"}})),
            1U);
  EXPECT_EQ(unaccepted(compare_projections(base, now, {{"run.*", std::nullopt, "any"}})), 0U);
  EXPECT_EQ(unaccepted(compare_projections(base, now, {{"step.*", std::nullopt, "any"}})), 1U);
}

TEST(ProjectionDifference, FieldsOfOneDocumentOnlyDiffer) {
  const JsonFile more =
      parse_json(R"({"schema": "windtunnel/projection", "run": {"days": 3}})", "a");
  const JsonFile less = parse_json(R"({"schema": "windtunnel/projection", "run": {}})", "b");
  const auto gone = compare_projections(more, less, {});
  ASSERT_EQ(gone.fields.size(), 2U);
  EXPECT_EQ(gone.fields[0].base, "3");
  EXPECT_EQ(gone.fields[0].now, "");
  EXPECT_EQ(compare_projections(less, more, {}).fields[1].now, "3");
}

TEST(ProjectionDifference, AKeyThatStandsTwiceIsNoDifference) {
  const JsonFile twice =
      parse_json(R"({"schema": "windtunnel/projection", "run": {"days": 3, "days": 4}})", "a");
  EXPECT_TRUE(compare_projections(twice, twice, {}).fields.empty());
}

TEST(ProjectionDifference, SettingsOfTheScenarioAreNamed) {
  const auto set = compare_projections(document_of({}), document_of({.gap = "3 us"}), {});
  ASSERT_EQ(set.attribution.settings.size(), 1U);
  EXPECT_EQ(set.attribution.settings[0], "provenance.assumptions[launch_gap].value: 2 us to 3 us");
}

TEST(ProjectionDifference, AnotherDocumentIsRefused) {
  EXPECT_NE(message_of([] {
              compare_projections(document_of({}), parse_json("{\"benchmarks\": []}", "b.json"),
                                  {});
            }).find("b.json:1:1: error: no projection"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
