#include "reports/compare/judgement.h"

#include <gtest/gtest.h>

#include <cmath>

namespace windtunnel {
namespace {

constexpr Standard kStandard{.minimum_effect = 0.02,
                             .equivalence = 0.02,
                             .false_discoveries = 0.01,
                             .widening = 1,
                             .machine_drift = 0,
                             .machine_step = 0,
                             .shared = {}};

Evidence of(double ratio, double low, double high) {
  return {.time = {.ratio = {ratio, low, high}, .p = 1e-5, .separated = false},
          .cycles = std::nullopt,
          .base_mhz = 0,
          .new_mhz = 0,
          .base_drift = {0, 1, 0},
          .new_drift = {0, 1, 0},
          .base_levels = std::nullopt,
          .new_levels = std::nullopt};
}

Judged judged(const Evidence& evidence, double p = 1e-4, const Standard& standard = kStandard) {
  return judge(evidence, p, 9, 9, standard);
}

TEST(Judgement, AChangeNeedsRanksEffectAndInterval) {
  EXPECT_EQ(judged(of(1.05, 1.03, 1.07)).outcome, Outcome::kRegressed);
  EXPECT_EQ(judged(of(0.95, 0.93, 0.97)).outcome, Outcome::kImproved);
  EXPECT_EQ(judged(of(1.05, 1.03, 1.07), 0.02).outcome, Outcome::kUndecided);
  EXPECT_EQ(judged(of(1.05, 1.005, 1.1)).outcome, Outcome::kUndecided);
  EXPECT_EQ(judged(of(1.015, 1.012, 1.018)).outcome, Outcome::kUnchanged);
}

TEST(Judgement, SamplesThatShareNothingCountHoweverManyBenchmarksThereAre) {
  Evidence evidence = of(1.05, 1.03, 1.07);
  evidence.time.separated = true;
  EXPECT_EQ(judge(evidence, 0.5, 9, 9, kStandard).outcome, Outcome::kRegressed);
  EXPECT_EQ(judge(evidence, 0.5, 6, 6, kStandard).outcome, Outcome::kUndecided);
}

TEST(Judgement, AnUndecidedOneSaysHowManySamplesWouldTell) {
  // The interval must shrink from 3 % to 2 % on each side: by 1.5, so 9 x 2.25 samples.
  const Judged open = judged(of(1.0, 1 / 1.03, 1.03), 1);
  EXPECT_EQ(open.outcome, Outcome::kUndecided);
  EXPECT_EQ(open.reason, "about 11 more samples a side would tell");
}

TEST(Judgement, WhatOnlyTheClockDidIsSaid) {
  Evidence evidence = of(1.05, 1.03, 1.07);
  evidence.cycles = Series{.ratio = {1.001, 0.99, 1.01}, .p = 0.5, .separated = false};
  evidence.base_mhz = 1980;
  evidence.new_mhz = 1885;
  const Judged open = judged(evidence);
  EXPECT_EQ(open.outcome, Outcome::kUndecided);
  EXPECT_EQ(open.reason, "clock only: +0.1 % in cycles, SM clock 1,980 to 1,885 MHz");
  evidence.cycles->ratio = {1.05, 1.04, 1.06};
  EXPECT_EQ(judged(evidence).outcome, Outcome::kRegressed);
}

TEST(Judgement, DriftAndLevelsThatExplainTheChangeAreDoubts) {
  Evidence evidence = of(1.05, 1.03, 1.07);
  evidence.new_drift = {.rise = 0.1, .p = 1e-4, .score = 3.9};
  EXPECT_EQ(judged(evidence).reason, "NEW drifted by +10.5 % while it was measured");
  evidence.new_drift.rise = 0.02;  // too small to explain 5 %
  EXPECT_EQ(judged(evidence).outcome, Outcome::kRegressed);
  evidence.base_levels = Levels{.gap = 0.05, .upper_share = 0.3};
  EXPECT_EQ(judged(evidence).reason, "BASE stands on two levels 5.1 % apart");
}

TEST(Judgement, TheMachinesDriftIsTakenOff) {
  Standard standard = kStandard;
  standard.machine_drift = 0.04;
  EXPECT_EQ(judged(of(1.05, 1.03, 1.07), 1e-4, standard).reason,
            "the machine drifted, which explains +4.1 %");
  EXPECT_EQ(judged(of(1.15, 1.13, 1.17), 1e-4, standard).outcome, Outcome::kRegressed);
}

TEST(Judgement, AStepOfTheMachineExplainsTheChange) {
  Standard standard = kStandard;
  standard.machine_step = 0.05;
  EXPECT_EQ(judged(of(1.06, 1.04, 1.08), 1e-4, standard).reason,
            "the machine itself changes between levels 5.1 % apart");
  EXPECT_EQ(judged(of(1.01, 1.005, 1.015), 1e-4, standard).outcome, Outcome::kUnchanged);
}

TEST(Judgement, WidenedIntervalsDecideLess) {
  Standard standard = kStandard;
  standard.widening = 3;
  EXPECT_EQ(judged(of(1.05, 1.03, 1.07), 1e-4, standard).outcome, Outcome::kUndecided);
}

// Each rises or falls by 3 % with p = 0.08, which is nothing; medians that moved by as much are.
TEST(Judgement, DriftsThatRunApartExplainAChangeThatNoneExplainsAlone) {
  Evidence evidence = of(1.03, 1.015, 1.045);
  evidence.base_drift = {.rise = -0.03, .p = 0.08, .score = -1.75};
  evidence.new_drift = {.rise = 0.03, .p = 0.08, .score = 1.75};
  EXPECT_EQ(judged(evidence).outcome, Outcome::kUndecided);
  EXPECT_EQ(judged(evidence).reason,
            "BASE and NEW drifted apart by 6.2 % while they were measured");
  std::swap(evidence.base_drift, evidence.new_drift);  // towards each other
  EXPECT_EQ(judged(evidence).outcome, Outcome::kRegressed);
}

TEST(Judgement, TwoDriftsExplainWhatTheyMakeTogether) {
  Evidence evidence = of(1.05, 1.03, 1.07);
  evidence.base_drift = {.rise = -0.03, .p = 0.01, .score = -2.6};
  EXPECT_EQ(judged(evidence).outcome, Outcome::kRegressed);
  evidence.new_drift = {.rise = -0.03, .p = 0.01, .score = -2.6};
  EXPECT_EQ(judged(evidence).reason, "BASE drifted by -3.0 % while it was measured");
}

TEST(Judgement, WhatOthersShareIsOpenAndSaysWhatItWouldBe) {
  Standard standard = kStandard;
  standard.shared = {Company::kNeighbours, std::log(1.045)};
  const Judged open = judged(of(1.05, 1.03, 1.07), 1e-4, standard);
  EXPECT_EQ(open.outcome, Outcome::kUndecided);
  EXPECT_EQ(open.if_again, Outcome::kRegressed);
  EXPECT_EQ(open.reason,
            "its neighbours changed by +4.5 %, too, as with another clock; --confirm would tell");
  EXPECT_EQ(judged(of(1.12, 1.1, 1.14), 1e-4, standard).outcome, Outcome::kRegressed);
  standard.shared.company = Company::kAll;  // a second run of NEW says nothing of BASE's clock
  EXPECT_EQ(judged(of(1.05, 1.03, 1.07), 1e-4, standard).outcome, Outcome::kUndecided);
  EXPECT_FALSE(judged(of(1.05, 1.03, 1.07), 1e-4, standard).if_again);
  standard.shared.company = Company::kNeighbours;
  EXPECT_FALSE(judged(of(1.0, 1 / 1.03, 1.03), 1, standard).if_again);
}

}  // namespace
}  // namespace windtunnel
