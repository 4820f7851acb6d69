#include <gtest/gtest.h>

#include "simulator/study/plan_search.h"

namespace windtunnel {
namespace {

TEST(PlanVerdictTest, AClassIsItsMessageWithoutItsNumbers) {
  const PlanVerdict verdict = rejected_for("48 expert ranks do not divide 128 ranks of FP8");
  EXPECT_EQ(verdict.rejected, "N expert ranks do not divide N ranks of FP8");
  EXPECT_EQ(verdict.example, "48 expert ranks do not divide 128 ranks of FP8");
  EXPECT_EQ(rejected_for("1f1b cannot run here").rejected, "1f1b cannot run here");
}

TEST(PlanVerdictTest, AnErrorsPlaceAndAdviceAreNoPartOfIt) {
  const ConfigError error(Source{nullptr, 1, 1}, "7 is wrong", "8");
  EXPECT_EQ(rejected_by(error).example, "7 is wrong");
}

}  // namespace
}  // namespace windtunnel
