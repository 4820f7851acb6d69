#include "reports/render/plan_page.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"
#include "tests/reports/sample_plan.h"

namespace windtunnel {
namespace {

TEST(PlanPage, EveryPlanIsAPointAndARow) {
  const std::string page = render_plan_page(sample_plan(), {"1", "c"});
  EXPECT_EQ(occurrences(page, "of the front: "), 2);
  EXPECT_EQ(occurrences(page, "one of the best: "), 1);
  EXPECT_NE(page.find("Theirs"), std::string::npos);
  EXPECT_NE(page.find("184.3 K"), std::string::npos);
  EXPECT_EQ(occurrences(page, "http"), occurrences(page, "http://www.w3.org"));
}

TEST(PlanPage, WithoutAPlanItShowsTheNearest) {
  const std::string page = render_plan_page(impossible_plan(), {"1", "c"});
  EXPECT_NE(page.find("No plan keeps to the limits"), std::string::npos);
  EXPECT_EQ(occurrences(page, "<svg"), 0);
}

}  // namespace
}  // namespace windtunnel
