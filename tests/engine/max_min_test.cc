#include "simulator/engine/max_min.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace windtunnel {
namespace {

using OpShares = std::vector<Share>;

MaxMinProblem problem_of(std::vector<std::int64_t> capacities, const std::vector<OpShares>& ops) {
  MaxMinProblem problem{std::move(capacities), {}, {}};
  for (const OpShares& shares : ops) {
    problem.shares.insert(problem.shares.end(), shares.begin(), shares.end());
    problem.shares_end.push_back(static_cast<std::int32_t>(problem.shares.size()));
  }
  return problem;
}

std::vector<Speed> solve(std::vector<std::int64_t> capacities, const std::vector<OpShares>& ops) {
  MaxMinScratch scratch;
  std::vector<Speed> speeds;
  max_min(problem_of(std::move(capacities), ops), scratch, speeds);
  return speeds;
}

// Rounded down, as the solver rounds.
Speed fraction(std::int64_t numerator, std::int64_t denominator) {
  return {static_cast<std::int64_t>(Int128{kFullSpeed.parts} * numerator / denominator)};
}

TEST(MaxMin, OpsThatFitRunAtFullSpeed) {
  //  6 s0 + 4 s1 <= 10, and s2 uses nothing: (1, 1, 1)
  EXPECT_EQ(solve({10}, {{{0, 6}}, {{0, 4}}, {}}),
            (std::vector<Speed>{kFullSpeed, kFullSpeed, kFullSpeed}));
}

TEST(MaxMin, AnOpThatAsksForTooMuchIsHeldToTheCapacity) {
  //  40 s0 <= 10: s0 = 1/4
  EXPECT_EQ(solve({10}, {{{0, 40}}}), std::vector<Speed>{fraction(1, 4)});
}

TEST(MaxMin, ALongOpOverThreeLinksGetsHalfOfEach) {
  //  10 s0 + 10 s1 <= 10,  10 s0 + 10 s2 <= 10,  10 s0 + 10 s3 <= 10
  // The three levels are equal, 10/20: all four at 1/2 (fair; the most traffic would be s0 = 0).
  EXPECT_EQ(solve({10, 10, 10}, {{{0, 10}, {1, 10}, {2, 10}}, {{0, 10}}, {{1, 10}}, {{2, 10}}}),
            std::vector<Speed>(4, fraction(1, 2)));
}

TEST(MaxMin, WhatTheNarrowestLinkLeavesIsGivenToTheOthers) {
  //  10 s0 + 10 s1 <= 10,  10 s0 + 20 s2 <= 20,  10 s0 + 40 s3 <= 30
  // Levels 10/20 = 1/2, 20/30 = 2/3, 30/50 = 3/5: the first link holds ops 0 and 1 at 1/2. Then
  // (20 - 5)/20 = 3/4 and (30 - 5)/40 = 5/8.
  EXPECT_EQ(solve({10, 20, 30}, {{{0, 10}, {1, 10}, {2, 10}}, {{0, 10}}, {{1, 20}}, {{2, 40}}}),
            (std::vector<Speed>{fraction(1, 2), fraction(1, 2), fraction(3, 4), fraction(5, 8)}));
}

TEST(MaxMin, AChainOfBottlenecksIsFollowedToFullSpeed) {
  //  8 s0 + 8 s1 <= 8,  8 s1 + 8 s2 <= 14,  8 s2 + 3 s3 <= 15
  // Levels 1/2, 14/16, 15/11 > 1: s0 = s1 = 1/2. Then (14 - 4)/8 = 10/8 > 1, and 11 fits into 15:
  // nothing holds ops 2 and 3, both are capped at 1.
  EXPECT_EQ(solve({8, 14, 15}, {{{0, 8}}, {{0, 8}, {1, 8}}, {{1, 8}, {2, 8}}, {{2, 3}}}),
            (std::vector<Speed>{fraction(1, 2), fraction(1, 2), kFullSpeed, kFullSpeed}));
}

TEST(MaxMin, FairnessIsBetweenSpeedsWhateverIsMoved) {
  //  90 s0 + 30 s1 <= 60: both at 60/120, though op 0 moves three times as much.
  EXPECT_EQ(solve({60}, {{{0, 90}}, {{0, 30}}}), std::vector<Speed>(2, fraction(1, 2)));
}

TEST(MaxMin, ASpeedThatIsNoBinaryFractionIsRoundedDown) {
  //  s0 + s1 + s2 <= 1 (times 10)
  EXPECT_EQ(solve({10}, {{{0, 10}}, {{0, 10}}, {{0, 10}}}), std::vector<Speed>(3, fraction(1, 3)));
}

TEST(MaxMin, OneOpMayStandForManyEqualOnes) {
  // The folded simulation: demand and capacity times eight change no bit.
  const OpShares one{{0, 7}}, other{{0, 4}}, eight{{0, 56}}, other_eight{{0, 32}};
  EXPECT_EQ(solve({9}, {one, other}), solve({72}, {eight, other_eight}));
}

struct Case {
  std::vector<std::int64_t> capacities;
  std::vector<OpShares> ops;
};

Case any_case() {
  Case result;
  result.capacities = *rc::gen::container<std::vector<std::int64_t>>(
      static_cast<std::size_t>(*rc::gen::inRange(1, 6)), rc::gen::inRange<std::int64_t>(8, 1000));
  const ResourceId links = static_cast<ResourceId>(result.capacities.size());
  const int ops = *rc::gen::inRange(1, 12);
  for (int op = 0; op < ops; ++op) {
    OpShares shares;
    for (ResourceId link = 0; link < links; ++link) {
      if (*rc::gen::inRange(0, 2) == 0) continue;
      shares.push_back({link, *rc::gen::inRange<std::int64_t>(1, 1000)});
    }
    result.ops.push_back(shares);
  }
  return result;
}

RC_GTEST_PROP(MaxMin, EveryOpIsAtFullSpeedOrFastestOnAFullLink, ()) {
  const Case any = any_case();
  const std::vector<Speed> speeds = solve(any.capacities, any.ops);
  // By link: what is used, the highest speed, and the demand of the ops at that speed. Speeds are
  // rounded down to a part, so a link is full when one part more for those ops would not fit.
  std::vector<Int128> used(any.capacities.size()), fastest_demand(any.capacities.size());
  std::vector<Speed> fastest(any.capacities.size(), kStandstill);
  for (std::size_t op = 0; op < any.ops.size(); ++op) {
    RC_ASSERT(speeds[op] > kStandstill && speeds[op] <= kFullSpeed);
    for (const Share& share : any.ops[op]) {
      const std::size_t r = static_cast<std::size_t>(share.resource);
      used[r] += Int128{share.demand} * speeds[op].parts;
      if (speeds[op] > fastest[r]) fastest_demand[r] = 0;
      fastest[r] = std::max(fastest[r], speeds[op]);
      if (speeds[op] == fastest[r]) fastest_demand[r] += share.demand;
    }
  }
  const auto capacity = [&](std::size_t r) { return Int128{any.capacities[r]} << kSpeedBits; };
  for (std::size_t r = 0; r < used.size(); ++r) RC_ASSERT(used[r] <= capacity(r));
  for (std::size_t op = 0; op < any.ops.size(); ++op) {
    const bool held = std::ranges::any_of(any.ops[op], [&](const Share& share) {
      const std::size_t r = static_cast<std::size_t>(share.resource);
      return speeds[op] == fastest[r] && used[r] + fastest_demand[r] > capacity(r);
    });
    RC_ASSERT(speeds[op] == kFullSpeed || held);
  }
}

RC_GTEST_PROP(MaxMin, TheOrderOfOpsChangesNoBit, ()) {
  Case any = any_case();
  std::vector<Speed> speeds = solve(any.capacities, any.ops);
  std::ranges::reverse(any.ops);
  std::ranges::reverse(speeds);
  RC_ASSERT(solve(any.capacities, any.ops) == speeds);
}

}  // namespace
}  // namespace windtunnel
