#include "simulator/study/plan_search.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace windtunnel {
namespace {

constexpr double kFree = std::numeric_limits<double>::infinity();

/// Plans with made-up figures, of which lower bounds know a part; some are no plans.
struct MadeUp {
  std::vector<Objectives> takes;
  std::vector<double> known;
  std::vector<bool> plan;
  int block_size;
  std::size_t quick = 1;
};

MadeUp made_up() {
  MadeUp it{.takes = {},
            .known = {},
            .plan = {},
            .block_size = *rc::gen::inRange(1, 5),
            .quick = *rc::gen::inRange<std::size_t>(0, 4)};
  const int plans = *rc::gen::inRange(1, 40) * it.block_size;
  for (int i = 0; i < plans; ++i) {
    Objectives takes{};
    for (double& one : takes) one = *rc::gen::inRange(1, 8);
    it.takes.push_back(takes);
    it.known.push_back(*rc::gen::inRange(0, 11) / 10.0);
    it.plan.push_back(*rc::gen::inRange(0, 5) > 0);
  }
  return it;
}

Objectives part_of(const Objectives& takes, double part) {
  Objectives least = takes;
  for (double& one : least) one *= part;
  return least;
}

/// A bound that misses `parts` quarters of what the first one misses, or all of it.
PlanSpace::Ask closer(const MadeUp& it, int parts) {
  return [&it, parts](std::int64_t index) {
    const auto at = static_cast<std::size_t>(index);
    const bool looser = (index + parts) % 5 == 0;
    return part_of(it.takes[at], looser ? 0 : 1 - (1 - it.known[at]) * parts / 4);
  };
}

/// In no order.
double effort_of(std::size_t plan) { return static_cast<double>(plan * 7 % 5); }

PlanSpace space_of(const MadeUp& it) {
  return {
      .blocks = static_cast<std::int64_t>(it.takes.size()) / it.block_size,
      .block_size = it.block_size,
      .screen =
          [&it](std::int64_t block) {
            std::vector<PlanVerdict> verdicts;
            for (int i = 0; i < it.block_size; ++i) {
              const auto at = static_cast<std::size_t>(block * it.block_size + i);
              PlanVerdict plan{"", "", part_of(it.takes[at], it.known[at]), effort_of(at)};
              verdicts.push_back(it.plan[at] ? plan : PlanVerdict{"none", "", {}});
            }
            return verdicts;
          },
      .evaluate = [&it](std::int64_t index) { return it.takes[static_cast<std::size_t>(index)]; },
      .tighten = {closer(it, 3), closer(it, 2), closer(it, 1)},
      .quick = it.quick};
}

PlanSearchOptions options_with(const Objectives& limits, bool prune, int threads = 1) {
  return {.objective = 1,
          .top = 3,
          .limits = limits,
          .names = {"a", "b", "c", "d"},
          .threads = threads,
          .prune = prune};
}

std::vector<std::int64_t> numbers_of(const std::vector<FoundPlan>& plans) {
  std::vector<std::int64_t> numbers;
  for (const FoundPlan& plan : plans) numbers.push_back(plan.index);
  return numbers;
}

RC_GTEST_PROP(PlanSearchTest, PruningLosesNothing, ()) {
  const MadeUp it = made_up();
  const Objectives limits{6, kFree, 5, kFree};
  const PlanSearch pruned = search_plans(space_of(it), options_with(limits, true));
  const PlanSearch all = search_plans(space_of(it), options_with(limits, false));
  RC_ASSERT(numbers_of(pruned.front) == numbers_of(all.front));
  RC_ASSERT(numbers_of(pruned.best) == numbers_of(all.best));
  RC_ASSERT(all.bounded == 0);
}

/// By definition, with nothing of the search in it.
RC_GTEST_PROP(PlanSearchTest, TheFrontIsWhatNothingDominates, ()) {
  const MadeUp it = made_up();
  const Objectives limits{kFree, kFree, kFree, kFree};
  const PlanSearch found = search_plans(space_of(it), options_with(limits, true));
  std::vector<std::int64_t> front;
  for (std::size_t i = 0; i < it.takes.size(); ++i) {
    bool beaten = !it.plan[i];
    for (std::size_t other = 0; other < it.takes.size(); ++other) {
      const bool same_but_first = it.takes[other] == it.takes[i] && other < i;
      beaten |= it.plan[other] && (dominates(it.takes[other], it.takes[i]) || same_but_first);
    }
    if (!beaten) front.push_back(static_cast<std::int64_t>(i));
  }
  std::vector<std::int64_t> sorted = numbers_of(found.front);
  std::sort(sorted.begin(), sorted.end());
  RC_ASSERT(sorted == front);
}

TEST(PlanSearchTest, WhatIsWorseThanAnotherIsNotEvaluatedBesideIt) {
  MadeUp it{.takes = {}, .known = {}, .plan = {}, .block_size = 1, .quick = 1};
  for (int i = 0; i < 40; ++i) {
    const double more = i;
    it.takes.push_back({1 + more, 1 + more, 1 + more, 1 + more});
    it.known.push_back(0.99);
    it.plan.push_back(true);
  }
  const PlanSearch found =
      search_plans(space_of(it), options_with({kFree, kFree, kFree, kFree}, true));
  EXPECT_EQ(numbers_of(found.front), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(numbers_of(found.best), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(found.evaluated, 3);
}

/// What is asked of which plan, in order: how close a bound (3: the plan evaluated).
using Asked = std::vector<std::pair<int, std::size_t>>;

PlanSpace noting(const MadeUp& it, Asked& asked) {
  PlanSpace space = space_of(it);
  const auto noted = [&asked](int how_close, const PlanSpace::Ask& ask) {
    return [&asked, how_close, ask](std::int64_t index) {
      asked.emplace_back(how_close, static_cast<std::size_t>(index));
      return ask(index);
    };
  };
  for (int i = 0; i < 3; ++i) {
    auto& ask = space.tighten[static_cast<std::size_t>(i)];
    ask = noted(i, ask);
  }
  space.evaluate = noted(3, space.evaluate);
  return space;
}

/// Plans of which none is better than another in everything, one more than are asked at once.
MadeUp trades() {
  MadeUp it{.takes = {}, .known = {}, .plan = {}, .block_size = 1, .quick = 2};
  for (int i = 1; i <= 17; ++i) {
    it.takes.push_back({1.0 * i, 1.0 * i, 18.0 - i, 1});
    it.known.push_back(0.5);
    it.plan.push_back(true);
  }
  return it;
}

TEST(PlanSearchTest, QuickAnswersOfAllComeBeforeASlowOne) {
  const MadeUp it = trades();
  Asked asked;
  search_plans(noting(it, asked), options_with({kFree, kFree, kFree, kFree}, true));
  ASSERT_EQ(asked.size(), 4 * it.takes.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(asked[i].first < 2, i < 2 * it.takes.size()) << i;
  }
}

TEST(PlanSearchTest, OfPlansAskedTogetherTheLongestWorkComesFirst) {
  const MadeUp it = trades();
  Asked asked;
  search_plans(noting(it, asked), options_with({kFree, kFree, kFree, kFree}, true));
  for (std::size_t i = 1; i < 16; ++i) {
    EXPECT_EQ(asked[i].first, 0);
    EXPECT_GE(effort_of(asked[i - 1].second), effort_of(asked[i].second)) << i;
  }
}

RC_GTEST_PROP(PlanSearchTest, EveryPlanIsCountedOnce, ()) {
  const MadeUp it = made_up();
  const Objectives limits{4, kFree, 5, kFree};
  const PlanSearch found = search_plans(space_of(it), options_with(limits, true));
  std::int64_t rejected = 0;
  for (const RejectedClass& one : found.rejected) {
    rejected += one.count;
  }
  RC_ASSERT(rejected + found.bounded + found.evaluated == found.plans);
}

/// The best of all are among the best of the shares, and no plan is in two of them.
RC_GTEST_PROP(PlanSearchTest, SharesHaveAllPlansBetweenThem, ()) {
  const MadeUp it = made_up();
  const Objectives limits{6, kFree, 5, kFree};
  const int shares = *rc::gen::inRange(1, 5);
  const PlanSearch whole = search_plans(space_of(it), options_with(limits, true));
  std::int64_t plans = 0;
  std::vector<FoundPlan> front;
  for (int share = 0; share < shares; ++share) {
    PlanSearchOptions options = options_with(limits, true);
    options.share = {share, shares};
    const PlanSearch part = search_plans(space_of(it), options);
    plans += part.plans;
    for (const FoundPlan& plan : part.front) {
      RC_ASSERT(plan.index / it.block_size % shares == share);
      front.push_back(plan);
    }
  }
  RC_ASSERT(plans == whole.plans);
  for (const FoundPlan& plan : whole.front) {
    RC_ASSERT(std::count_if(front.begin(), front.end(), [&](const FoundPlan& one) {
                return one.index == plan.index && one.takes == plan.takes;
              }) == 1);
  }
}

RC_GTEST_PROP(PlanSearchTest, ThreadsChangeNothing, ()) {
  const MadeUp it = made_up();
  const Objectives limits{6, kFree, kFree, 6};
  const PlanSearch one = search_plans(space_of(it), options_with(limits, true, 1));
  const PlanSearch four = search_plans(space_of(it), options_with(limits, true, 4));
  RC_ASSERT(numbers_of(one.front) == numbers_of(four.front));
  RC_ASSERT(numbers_of(one.best) == numbers_of(four.best));
  RC_ASSERT(one.bounded == four.bounded);
  RC_ASSERT(one.evaluated == four.evaluated);
}

/// By definition, as above.
RC_GTEST_PROP(PlanSearchTest, TheNearestIsNearerThanAllOthers, ()) {
  const MadeUp it = made_up();
  const double limit = 1 / 2.0;
  const PlanSearch found = search_plans(space_of(it), options_with({limit, kFree, 4, kFree}, true));
  double least = kFree;
  for (std::size_t i = 0; i < it.takes.size(); ++i) {
    if (it.plan[i] && it.takes[i][2] <= 4) least = std::min(least, it.takes[i][0]);
  }
  const auto near = std::find_if(found.nearest.begin(), found.nearest.end(),
                                 [](const NearestPlan& one) { return one.limit == 0; });
  RC_ASSERT((near != found.nearest.end()) == (least < kFree));
  if (near == found.nearest.end()) return;
  RC_ASSERT(near->settled);
  RC_ASSERT(near->plan.takes[0] == least);
}

TEST(PlanSearchTest, ItStopsWhereItIsTold) {
  const MadeUp it{.takes = {{3, 1, 1, 1}, {2, 1, 1, 1}},
                  .known = {1, 1},
                  .plan = {true, true},
                  .block_size = 1};
  PlanSearchOptions options = options_with({kFree, kFree, kFree, kFree}, true);
  int asked = 0;
  options.stopped = [&] { return ++asked > 2; };
  EXPECT_THROW(search_plans(space_of(it), options), SearchStopped);
  EXPECT_EQ(asked, 3);
}

TEST(PlanSearchTest, WithoutAPlanTheNearestOfEachLimitIsNamed) {
  const MadeUp it{.takes = {{3, 1, 1, 1}, {2, 1, 1, 1}, {1, 1, 1, 9}, {5, 1, 1, 5}},
                  .known = {1, 0.9, 1, 1},
                  .plan = {true, true, true, true},
                  .block_size = 1};
  const PlanSearch found = search_plans(space_of(it), options_with({1, kFree, kFree, 4}, true));
  EXPECT_TRUE(found.best.empty());
  ASSERT_EQ(found.nearest.size(), 3U);
  EXPECT_EQ(found.nearest[0].limit, -1);
  EXPECT_EQ(found.nearest[0].plan.index, 3);
  EXPECT_EQ(found.nearest[1].limit, 0);
  EXPECT_EQ(found.nearest[1].plan.index, 1);
  EXPECT_EQ(found.nearest[1].plans, 2);
  EXPECT_EQ(found.nearest[2].limit, 3);
}

}  // namespace
}  // namespace windtunnel
