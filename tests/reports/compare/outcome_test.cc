#include "reports/compare/outcome.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(Outcome, HasTheNamesOfTheInterface) {
  EXPECT_EQ(outcome_name(Outcome::kRegressed), "REGRESSED");
  EXPECT_EQ(outcome_name(Outcome::kUndecided), "UNDECIDED");
  EXPECT_EQ(outcome_name(Outcome::kImproved), "IMPROVED");
  EXPECT_EQ(outcome_name(Outcome::kUnchanged), "UNCHANGED");
}

}  // namespace
}  // namespace windtunnel
