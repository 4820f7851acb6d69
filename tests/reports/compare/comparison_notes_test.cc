#include "reports/compare/comparison_notes.h"

#include <gtest/gtest.h>

#include "bench/noise_shapes.h"

namespace windtunnel {
namespace {

/// Of a file of 20 benchmarks with itself.
ResultComparison calm() {
  const ResultSet base = invented({.shape = NoiseShape::kNormal, .seed = 61});
  const ResultSet now = invented({.shape = NoiseShape::kNormal, .seed = 62});
  return compare_results(base, now, nullptr, CompareRules{}, 1);
}

TEST(ComparisonNotes, OfACalmComparisonNothingIsToBeSaid) {
  EXPECT_TRUE(comparison_notes(calm()).empty());
}

TEST(ComparisonNotes, MachinesThatDifferAreNamed) {
  ResultComparison comparison = calm();
  comparison.base.driver = "1";
  comparison.now.driver = "2";
  comparison.now.device = "only one knows";
  EXPECT_EQ(comparison_notes(comparison), (std::vector<std::string>{"driver differs: 1 and 2"}));
}

TEST(ComparisonNotes, WiderIntervalsAndARaisedEffectAreSaid) {
  ResultComparison comparison = calm();
  comparison.widening = 2.5;
  comparison.minimum_effect = 0.06;
  const std::vector<std::string> notes = comparison_notes(comparison);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_NE(notes[0].find("2.5 times"), std::string::npos) << notes[0];
  EXPECT_NE(notes[1].find("below 6"), std::string::npos) << notes[1];
}

}  // namespace
}  // namespace windtunnel
