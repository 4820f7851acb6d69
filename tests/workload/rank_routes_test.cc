#include "simulator/workload/rank_routes.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

/// Two pipeline ranks of four data ranks; NICs of 40 kB/s.
StepPlan plan_of_eight() { return testing::routed_plan(*find_schedule("1f1b"), 2, 2, 4, 2, 0); }

RouteUse use_of(int rank, int to, std::int64_t demand) {
  return {.rank = rank, .to = to, .traffic = Traffic::kSendsOn, .nic_demand = demand, .sms = 0};
}

std::vector<Share> shares_of_member(const RankGraph& build, std::int32_t routes, int member) {
  const OpGraph& graph = build.step.graph;
  const auto shares =
      shares_of(graph.routes, graph.member_routes[static_cast<std::size_t>(routes + member)]);
  return {shares.begin(), shares.end()};
}

TEST(RankRoutes, LeadOutOfTheSendersNicAndIntoTheReceivers) {
  const StepPlan plan = plan_of_eight();
  RankGraph build = make_rank_graph(plan, 4);
  const std::int32_t routes = routes_of(build, use_of(0, 1, 10'000));
  for (int member = 0; member < 4; ++member) {
    const auto at = static_cast<std::size_t>(member);
    EXPECT_EQ(shares_of_member(build, routes, member),
              (std::vector<Share>{{build.resources[at].nic_out, 10'000},
                                  {build.resources[4 + at].nic_in, 10'000}}));
  }
  const std::int32_t own = routes_of(build, use_of(1, kNone, 10'000));
  EXPECT_EQ(shares_of_member(build, own, 0),
            (std::vector<Share>{{build.resources[4].nic_out, 10'000},
                                {build.resources[4].nic_in, 10'000}}));
}

TEST(RankRoutes, AreAddedOnceForEachUse) {
  const StepPlan plan = plan_of_eight();
  RankGraph build = make_rank_graph(plan, 4);
  const std::int32_t first = routes_of(build, use_of(0, 1, 10'000));
  EXPECT_EQ(routes_of(build, use_of(0, 1, 10'000)), first);
  EXPECT_EQ(build.step.graph.member_routes.size(), 4U);
  EXPECT_NE(routes_of(build, use_of(0, 1, 20'000)), first);
  EXPECT_NE(routes_of(build, use_of(1, 0, 10'000)), first);
  EXPECT_EQ(build.step.graph.member_routes.size(), 12U);
}

TEST(RankRoutes, WhatSharesNothingHasNone) {
  const StepPlan plan = plan_of_eight();
  RankGraph build = make_rank_graph(plan, 4);
  EXPECT_EQ(routes_of(build, use_of(0, 1, 0)), kNone);
  EXPECT_TRUE(build.step.graph.member_routes.empty());
}

// Kernels beside collectives draw on the SMs of their own GPU.
TEST(RankRoutes, DrawOnTheSmsOfEachGpu) {
  StepPlan plan = plan_of_eight();
  plan.sms = {.gpu = 8, .collective = 2};
  plan.blocks[0].alone.attention_forward.tensor = {{40}, 0};
  RankGraph build = make_rank_graph(plan, 4);
  RouteUse use = use_of(1, kNone, 0);
  use.sms = 3'000;
  const std::int32_t routes = routes_of(build, use);
  EXPECT_EQ(shares_of_member(build, routes, 2),
            (std::vector<Share>{{build.resources[6].sms, 3'000}}));
}

}  // namespace
}  // namespace windtunnel
