#include "reports/compare/comparison_notes.h"

#include <gtest/gtest.h>

#include "bench/noise_shapes.h"

namespace windtunnel {
namespace {

/// Of a file of 20 benchmarks; those from `first` on take 5 % longer.
ResultComparison slower_from(std::size_t first, bool clocks = false) {
  const ResultSet base = invented({.shape = NoiseShape::kNormal, .seed = 61, .clocks = clocks});
  ResultSet now = invented({.shape = NoiseShape::kNormal, .seed = 62, .clocks = clocks});
  for (std::size_t i = first; i < 20; ++i) {
    for (double& seconds : now.benchmarks[i].seconds) seconds *= 1.05;
  }
  return compare_results(base, now, nullptr, CompareRules{}, 1);
}

TEST(ComparisonNotes, AChangeThatAllShareMayBeTheClocks) {
  const std::vector<std::string> notes = comparison_notes(slower_from(0));
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].find("as good as all benchmarks changed alike, by +"), 0U) << notes[0];
  EXPECT_TRUE(comparison_notes(slower_from(10)).empty());
  EXPECT_TRUE(comparison_notes(slower_from(20)).empty());
  EXPECT_TRUE(comparison_notes(slower_from(0, true)).empty());
}

TEST(ComparisonNotes, MachinesThatDifferAreNamed) {
  ResultComparison comparison = slower_from(20);
  comparison.base.driver = "1";
  comparison.now.driver = "2";
  comparison.now.device = "only one knows";
  EXPECT_EQ(comparison_notes(comparison), (std::vector<std::string>{"driver differs: 1 and 2"}));
}

TEST(ComparisonNotes, WiderIntervalsAndARaisedEffectAreSaid) {
  ResultComparison comparison = slower_from(20);
  comparison.widening = 2.5;
  comparison.minimum_effect = 0.06;
  const std::vector<std::string> notes = comparison_notes(comparison);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_NE(notes[0].find("2.5 times"), std::string::npos) << notes[0];
  EXPECT_NE(notes[1].find("below 6"), std::string::npos) << notes[1];
}

}  // namespace
}  // namespace windtunnel
