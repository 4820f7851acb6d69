#include "simulator/workload/member_loads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "simulator/base/random.h"
#include "simulator/workload/routing_load.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

StepPlan plan_of(double deviation) {
  StepPlan plan = testing::ideal_plan(*find_schedule("dualpipe"), 2, 40, {1, 1, 1});
  plan.expert_ranks = plan.data_ranks = 16;
  plan.routing = {.deviation = deviation, .seed = 5};
  return plan;
}

TEST(MemberLoadsTest, TheyAreThoseOfTheGroup) {
  const StepPlan plan = plan_of(0.3);
  LoadShelf shelf;
  MemberLoads loads(plan, 4, &shelf);
  for (const int micro_batch : {0, 19, 39}) {
    for (const int direction : {0, 1}) {
      const std::uint64_t layer = std::uint64_t{1} << 32;
      const auto number = static_cast<std::uint64_t>(40 * direction + micro_batch);
      const auto own = representative_loads(routing_loads(plan.routing, 16, 0, layer, number), 4,
                                            mix(layer, number));
      const auto kept = loads.of({direction, micro_batch, 1}, 0);
      EXPECT_TRUE(std::equal(kept.begin(), kept.end(), own.begin(), own.end()));
    }
  }
}

TEST(MemberLoadsTest, FewerMembersRepeatTheFirst) {
  const StepPlan plan = plan_of(0.3);
  LoadShelf shelf;
  MemberLoads loads(plan, 2, &shelf);
  const auto kept = loads.of({0, 3, 0}, 0);
  EXPECT_NE(kept[0], kept[1]);
  EXPECT_EQ(kept[0], kept[2]);
  EXPECT_EQ(kept[0], kept[3]);
}

TEST(MemberLoadsTest, OneMemberHasTheMean) {
  const StepPlan plan = plan_of(0.3);
  LoadShelf shelf;
  MemberLoads loads(plan, 1, &shelf);
  EXPECT_TRUE(loads.even());
  for (const double load : loads.of({0, 3, 0}, 0)) EXPECT_EQ(load, 1.0);
}

TEST(MemberLoadsTest, EveryRankHasItsOwnInEveryGroup) {
  StepPlan plan = plan_of(0.3);
  plan.data_ranks = 32;
  MemberLoads loads(plan, 32);
  const std::uint64_t layer = std::uint64_t{1} << 32;
  for (const int micro_batch : {0, 31, 39}) {
    const auto kept = loads.of({1, micro_batch, 1}, 0);
    const auto number = static_cast<std::uint64_t>(40 + micro_batch);
    std::vector<double> own = routing_loads(plan.routing, 16, 0, layer, number);
    const std::vector<double> other = routing_loads(plan.routing, 16, 1, layer, number);
    own.insert(own.end(), other.begin(), other.end());
    EXPECT_EQ(std::vector<double>(kept.begin(), kept.end()), own);
  }
}

void expect_the_shelf_changes_nothing(StepPlan& plan, LoadShelf& shelf) {
  for (const std::vector<int>& apart : {std::vector<int>{}, std::vector<int>{5}}) {
    plan.skew.apart = apart;
    for (const int members : {2, 4, 16}) {
      MemberLoads kept(plan, members, &shelf);
      MemberLoads own(plan, members);
      for (const int micro_batch : {0, 31, 32, 39}) {
        const auto a = kept.of({1, micro_batch, 1}, 0);
        const auto b = own.of({1, micro_batch, 1}, 0);
        EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << members;
      }
    }
  }
}

TEST(MemberLoadsTest, AShelfChangesNothing) {
  StepPlan plan = plan_of(0.3);
  LoadShelf shelf;
  MemberLoads(plan, 4, &shelf).of({1, 0, 1}, 0);
  std::vector<double> shares(16, 0.8);
  shares[3] = 4;
  for (const bool hot : {false, true}) {
    plan.skew.shares.clear();
    if (hot) plan.skew.shares.assign(3, shares);
    expect_the_shelf_changes_nothing(plan, shelf);
  }
}

TEST(MemberLoadsTest, PlansShareWhatTheyDrawAlikeOnly) {
  const StepPlan plan = plan_of(0.3);
  StepPlan wider = plan;
  wider.expert_ranks = 8;
  LoadShelf shelf;
  EXPECT_EQ(shelf.of(plan, 4, 0, 0, 1), shelf.of(plan, 4, 0, 0, 1));
  EXPECT_NE(*shelf.of(plan, 4, 0, 0, 1), *shelf.of(wider, 4, 0, 0, 1));
  EXPECT_NE(*shelf.of(plan, 4, 0, 0, 1), *shelf.of(plan, 4, 1, 0, 1));
  EXPECT_NE(*shelf.of(plan, 4, 0, 0, 1), *shelf.of(plan_of(0.2), 4, 0, 0, 1));
}

}  // namespace
}  // namespace windtunnel
