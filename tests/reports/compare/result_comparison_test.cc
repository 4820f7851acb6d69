#include "reports/compare/result_comparison.h"

#include <gtest/gtest.h>

#include "bench/noise_shapes.h"

namespace windtunnel {
namespace {

ResultComparison compared(const ResultSet& base, const ResultSet& now) {
  return compare_results(base, now, nullptr, CompareRules{}, 1);
}

/// Of a file of 20 benchmarks; kernel_7 may take another time.
ResultSet file_of(std::uint64_t seed, double factor = 1) {
  return invented({.shape = NoiseShape::kNormal, .seed = seed, .slow = 7, .factor = factor});
}

// The whole table, of 1000 comparisons a shape, is bench/verdict_study.cc's.
TEST(ResultComparison, HardlyAnythingIsCalledARegressionOfTheSameCode) {
  for (const NoiseShape shape : kNoiseShapes) {
    int alarms = 0;
    for (std::uint64_t run = 0; run < 60; ++run) {
      const auto file = [&](std::uint64_t side) {
        return invented({.shape = shape, .seed = mix(run, side, 17)});
      };
      alarms += count_of(compared(file(0), file(1)), Outcome::kRegressed) > 0 ? 1 : 0;
    }
    EXPECT_LE(alarms, 2) << noise_name(shape);  // 1 % of 60, and luck
  }
}

TEST(ResultComparison, FivePercentAreFoundInNineSamplesOfOnePercentNoise) {
  int found = 0;
  int others = 0;
  for (std::uint64_t run = 0; run < 60; ++run) {
    const auto comparison = compared(file_of(2 * run), file_of(2 * run + 1, 1.05));
    const bool seven = comparison.rows[7].outcome == Outcome::kRegressed;
    found += seven ? 1 : 0;
    others += count_of(comparison, Outcome::kRegressed) > (seven ? 1U : 0U) ? 1 : 0;
  }
  EXPECT_GE(found, 58);
  EXPECT_EQ(others, 0);
}

TEST(ResultComparison, WhereTheClockSticksKnowingItHelps) {
  int alarms = 0;
  for (std::uint64_t run = 0; run < 40; ++run) {
    const auto file = [&](std::uint64_t side) {
      return invented(
          {.shape = NoiseShape::kStickyClock, .seed = mix(run, side, 18), .clocks = true});
    };
    alarms += count_of(compared(file(0), file(1)), Outcome::kRegressed) > 0 ? 1 : 0;
  }
  EXPECT_EQ(alarms, 0);
}

// Every other benchmark stands on the slower level, in the two files not the same ones: seven
// times up, eight down and five not at all. One that is 30 % slower is no level.
TEST(ResultComparison, AsManyFasterAsSlowerByTheSameIsAMachineOnTwoLevels) {
  ResultSet base = file_of(41);
  ResultSet now = file_of(42);
  for (std::size_t i = 0; i < 20; ++i) {
    ResultSet* slower = i < 7 ? &now : i < 15 ? &base : nullptr;
    if (slower == nullptr) continue;
    for (double& seconds : slower->benchmarks[i].seconds) seconds *= 1.1;
  }
  for (double& seconds : now.benchmarks[19].seconds) seconds *= 1.3;
  const auto comparison = compared(base, now);
  EXPECT_EQ(count_of(comparison, Outcome::kRegressed), 1U);
  EXPECT_EQ(count_of(comparison, Outcome::kImproved), 0U);
  EXPECT_EQ(comparison.rows[19].outcome, Outcome::kRegressed);
}

TEST(ResultComparison, ABenchmarkMayHaveItsOwnMinimumEffect) {
  const ResultSet base = file_of(51);
  ResultSet now = file_of(52, 1.08);
  for (double& seconds : now.benchmarks[3].seconds) seconds *= 1.08;
  CompareRules rules;
  rules.effects = {{.benchmark = "kernel_7", .minimum = 0.2, .reason = "noisy"}};
  const auto comparison = compare_results(base, now, nullptr, rules, 1);
  EXPECT_EQ(comparison.rows[3].outcome, Outcome::kRegressed);
  EXPECT_EQ(comparison.rows[7].outcome, Outcome::kUnchanged);
}

TEST(ResultComparison, ASlowerKernelIsFoundAmongThousands) {
  const InventedFile file{.shape = NoiseShape::kNormal, .seed = 1, .benchmarks = 2000};
  InventedFile slow = file;
  slow.seed = 2;
  slow.slow = 1234;
  slow.factor = 1.1;
  const auto comparison = compare_results(invented(file), invented(slow), nullptr, {}, 2);
  EXPECT_EQ(count_of(comparison, Outcome::kRegressed), 1U);
  EXPECT_EQ(comparison.rows[1234].outcome, Outcome::kRegressed);
}

/// `file_of` with benchmarks `from` to `to` slower by `factor`.
ResultSet slowed(std::uint64_t seed, std::size_t from, std::size_t to, double factor,
                 std::size_t stride = 1) {
  ResultSet set = file_of(seed);
  for (std::size_t i = from; i < to; i += stride) {
    for (double& seconds : set.benchmarks[i].seconds) seconds *= factor;
  }
  return set;
}

/// The benchmarks from 5 to 14 are one family.
ResultSet with_family(ResultSet set) {
  for (std::size_t i = 5; i < 15; ++i) set.benchmarks[i].name = "gemm/" + std::to_string(i);
  return set;
}

TEST(ResultComparison, HalfTheBenchmarksSlowerAreAllFound) {
  const ResultComparison scattered = compared(file_of(31), slowed(32, 0, 20, 1.12, 2));
  EXPECT_EQ(count_of(scattered, Outcome::kRegressed), 10U);
  const ResultComparison family =
      compared(with_family(file_of(31)), with_family(slowed(32, 5, 15, 1.12)));
  EXPECT_EQ(count_of(family, Outcome::kRegressed), 10U);
}

// Most of a file, by 5 to 30 % in no order: no noise that scatters both ways does that.
TEST(ResultComparison, ManyThatSlowDownByDifferentFactorsAreNotCalledScatter) {
  ResultSet now = file_of(36);
  int slower = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    if (i % 4 == 3) continue;
    for (double& seconds : now.benchmarks[i].seconds) seconds *= 1.05 + 0.25 * uniform(mix(9, i));
    ++slower;
  }
  const auto comparison = compared(file_of(35), now);
  EXPECT_EQ(comparison.widening, 1);
  EXPECT_GE(count_of(comparison, Outcome::kRegressed), 5U);  // some share theirs
  EXPECT_LE(count_of(comparison, Outcome::kRegressed), static_cast<std::size_t>(slower));
}

// A clock that stood on another level from the tenth benchmark on does the same.
TEST(ResultComparison, UnrelatedNeighboursThatSlowDownTogetherAreOpenUntilConfirmed) {
  const ResultSet base = file_of(31);
  const ResultSet now = slowed(32, 10, 20, 1.12);
  EXPECT_EQ(count_of(compared(base, now), Outcome::kRegressed), 0U);
  const ResultSet again = slowed(33, 10, 20, 1.12);
  const auto confirmed = compare_results(base, now, &again, CompareRules{}, 1);
  EXPECT_EQ(count_of(confirmed, Outcome::kRegressed), 10U);
  EXPECT_EQ(confirmed.rows[12].reason, "others changed as much, and so in the second run");
  const ResultSet calm = file_of(34);
  const auto refuted = compare_results(base, now, &calm, CompareRules{}, 1);
  EXPECT_EQ(count_of(refuted, Outcome::kRegressed), 0U);
}

TEST(ResultComparison, AFileThatIsSlowerAsAWholeIsOpenButNotWhatIsSlowerStill) {
  ResultSet now = slowed(32, 0, 20, 1.05);
  for (double& seconds : now.benchmarks[7].seconds) seconds *= 1.05;
  const auto comparison = compared(file_of(31), now);
  EXPECT_EQ(count_of(comparison, Outcome::kRegressed), 1U);
  EXPECT_EQ(comparison.rows[7].outcome, Outcome::kRegressed);
  ASSERT_EQ(comparison.notes.size(), 1U);
  EXPECT_EQ(comparison.notes[0].find("as good as all benchmarks changed alike, by +"), 0U);
  const ResultSet again = slowed(33, 0, 20, 1.05);  // BASE may have had the faster clock
  const auto second = compare_results(file_of(31), now, &again, CompareRules{}, 1);
  EXPECT_EQ(count_of(second, Outcome::kRegressed), 0U);
}

TEST(ResultComparison, WhereClocksAreKnownAWholeFileMayRegress) {
  const auto file = [](std::uint64_t seed) {
    return invented({.shape = NoiseShape::kNormal, .seed = seed, .clocks = true});
  };
  ResultSet now = file(62);
  for (BenchmarkSamples& it : now.benchmarks) {
    for (double& seconds : it.seconds) seconds *= 1.05;
  }
  const auto comparison = compared(file(61), now);
  EXPECT_EQ(count_of(comparison, Outcome::kRegressed), 20U);
  EXPECT_TRUE(comparison.notes.empty());
}

TEST(ResultComparison, TheSameCodeIsUnchangedAndItsNoiseRaisesTheBar) {
  ResultSet base = file_of(3);
  ResultSet now = file_of(4, 1.05);
  base.benchmarks[7].code = now.benchmarks[7].code = "cafe";
  const auto comparison = compared(base, now);
  EXPECT_EQ(comparison.rows[7].outcome, Outcome::kUnchanged);
  EXPECT_EQ(comparison.rows[7].reason, "same code");
  EXPECT_GT(comparison.minimum_effect, 0.03);
  now.driver = "other";  // the same code on another machine may well differ
  EXPECT_EQ(compared(base, now).rows[7].outcome, Outcome::kRegressed);
}

TEST(ResultComparison, AChangeMustShowInTheConfirmingRun) {
  const ResultSet base = file_of(5);
  const ResultSet now = file_of(6, 1.05);
  const ResultSet again = file_of(7, 1.05);
  const ResultSet calm = file_of(8);
  const auto confirmed = compare_results(base, now, &again, CompareRules{}, 1);
  EXPECT_EQ(confirmed.rows[7].outcome, Outcome::kRegressed);
  EXPECT_NEAR(*confirmed.rows[7].confirming, 1.05, 0.02);
  const auto refuted = compare_results(base, now, &calm, CompareRules{}, 1);
  EXPECT_EQ(refuted.rows[7].outcome, Outcome::kUndecided);
  EXPECT_EQ(refuted.rows[7].reason, "slower, not confirmed by the second run");
}

TEST(ResultComparison, WhatFailsNowIsARegressionAndWhatIsMissingUndecided) {
  ResultSet base = file_of(9);
  ResultSet now = file_of(10);
  now.benchmarks[0].failure = "wrong: 3 of 4 differ";
  now.benchmarks[0].seconds.clear();
  now.benchmarks[1].seconds.resize(2);
  now.benchmarks[2].name = "new one";
  const auto comparison = compared(base, now);
  EXPECT_EQ(comparison.rows[0].outcome, Outcome::kRegressed);
  EXPECT_EQ(comparison.rows[0].reason, "fails in NEW: wrong: 3 of 4 differ");
  EXPECT_EQ(comparison.rows[1].outcome, Outcome::kUndecided);
  EXPECT_EQ(comparison.rows[1].reason, "9 samples and 2: a verdict needs 5 a side, better 9");
  EXPECT_EQ(comparison.rows[2].reason, "only in BASE");
  EXPECT_EQ(comparison.rows.back().reason, "only in NEW");
}

TEST(ResultComparison, ThreadsChangeNothing) {
  const auto one = compare_results(file_of(11), file_of(12), nullptr, {}, 1);
  const auto four = compare_results(file_of(11), file_of(12), nullptr, {}, 4);
  ASSERT_FALSE(one.rows.empty());
  ASSERT_EQ(one.rows.size(), four.rows.size());
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    EXPECT_EQ(one.rows[i].time.low, four.rows[i].time.low);
    EXPECT_EQ(one.rows[i].reason, four.rows[i].reason);
  }
}

}  // namespace
}  // namespace windtunnel
