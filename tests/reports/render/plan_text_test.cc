#include "reports/render/plan_text.h"

#include <gtest/gtest.h>

#include "tests/reports/golden_text.h"
#include "tests/reports/sample_plan.h"

namespace windtunnel {
namespace {

TEST(PlanText, TheAnswerIsPinnedWhole) {
  expect_golden("plan.txt", render_plan_text(sample_plan(), false));
}

TEST(PlanText, WithoutAPlanTheNearestArePinnedWhole) {
  expect_golden("plan_nearest.txt", render_plan_text(impossible_plan(), false));
}

TEST(PlanText, SharedChoicesAreSaidOnce) {
  const SplitChoices split = split_choices({sample_row(0, 1, 1, true), sample_row(1, 1, 1, true)});
  ASSERT_EQ(split.common.size(), 2U);
  EXPECT_EQ(split.common[1].first, "schedule");
  EXPECT_EQ(split.rest, (std::vector<std::string>{"tensor 1", "tensor 2"}));
}

TEST(PlanText, AnEmptyListIsNoChoice) {
  std::vector<PlanRow> rows{sample_row(0, 1, 1, true), sample_row(1, 1, 1, true)};
  for (PlanRow& row : rows) row.choices.emplace_back("ranges", "[]");
  EXPECT_EQ(split_choices(rows).common.size(), 2U);
}

TEST(PlanText, FewDaysHaveMoreDecimals) {
  const PlanQuantity days{.name = "days", .unit = "days", .limit = 1};
  EXPECT_EQ(plan_figure(days, 0.0874), "0.087");
  EXPECT_EQ(plan_figure(days, 51.63), "51.6");
}

}  // namespace
}  // namespace windtunnel
