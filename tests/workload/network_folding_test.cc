#include "simulator/workload/network_folding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/engine/run.h"
#include "simulator/workload/training_step.h"
#include "tests/workload/small_networks.h"

namespace windtunnel {
namespace {

using testing::small_fabric;
using testing::small_network;

// Adaptive routing, nothing down, even loads: one member stands for 8.
RC_GTEST_PROP(Folded, IsFullToThePicosecondWhereMembersAreAlike, ()) {
  const FabricKind kind =
      *rc::gen::element(FabricKind::kTwoLayerFatTree, FabricKind::kThreeLayerFatTree,
                        FabricKind::kMultiPlaneFatTree, FabricKind::kRailOptimised);
  Fabric fabric = small_fabric(kind, *rc::gen::element(1.0, 2.0, 4.0));
  fabric.link_rate = {static_cast<double>(*rc::gen::inRange(5'000, 50'000))};
  const int ranks = *rc::gen::element(2, 4);
  StepPlan plan =
      small_network(fabric, ranks, *rc::gen::element("1f1b", "dualpipe", "interleaved_1f1b"));
  plan.network->expert_gpus = plan.expert_ranks = *rc::gen::element(4, 8);
  const NetworkRoutes routes = network_routes(plan, 1);
  RC_ASSERT(routes.alike);
  RC_CLASSIFY(!routes.capacities.empty());
  RC_ASSERT(run(lower(plan, 1).graph).makespan.count == run(lower(plan, 8).graph).makespan.count);
}

// 3 nodes a pipeline rank on leaves of 2: the second rank's nodes hang on two leaves, one of them
// shared with the first rank.
TEST(Folded, SaysWhereMembersAreUnlike) {
  StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 4));
  plan.data_ranks = plan.expert_ranks = plan.network->expert_gpus = plan.shard_ranks = 6;
  EXPECT_FALSE(network_routes(plan, 1).alike);
  EXPECT_TRUE(network_routes(plan, 6).alike);
  // The one that stands for all meets the segments of all: near, and no bound.
  const auto folded_step = static_cast<double>(run(lower(plan, 1).graph).makespan.count);
  const auto full_step = static_cast<double>(run(lower(plan, 6).graph).makespan.count);
  EXPECT_NEAR(folded_step / full_step, 1, 0.02);
}

// 4 of the 8 members of a pipeline rank send 2/3 upwards on each of its two
// leaves, which are alike.
TEST(Folded, OneSegmentStandsForThoseThatAreAlike) {
  const NetworkRoutes full =
      all_routes(small_network(small_fabric(FabricKind::kTwoLayerFatTree, 4)));
  const NetworkRoutes one = folded(full, 1);
  EXPECT_TRUE(one.alike);
  EXPECT_LT(one.capacities.size(), full.capacities.size());
  const auto up = crossings_of(one, Traffic::kExperts, 0, 0);
  ASSERT_EQ(up.size(), 2U);  // up and down
  for (const Crossing& crossing : up) {
    EXPECT_EQ(crossing.count, 4);
    EXPECT_NEAR(crossing.share, 2.0 / 3, 1e-9);
    EXPECT_EQ(demand_of(one, crossing, 30'000), 4 * 20'000);
  }
  // Of four members each is a quarter of all.
  const NetworkRoutes four = folded(full, 4);
  const auto quarter = crossings_of(four, Traffic::kExperts, 1, 2);
  EXPECT_EQ(demand_of(four, quarter.front(), 30'000), 20'000);
}

}  // namespace
}  // namespace windtunnel
