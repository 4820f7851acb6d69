#include "simulator/workload/network_flows.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/workload/small_networks.h"

namespace windtunnel {
namespace {

using testing::small_fabric;
using testing::small_network;

using Peers = std::map<int, double>;

Peers peers(const StepPlan& plan, Traffic traffic, int gpu) {
  Peers found;
  for (const Flow& flow : flows_of(plan, traffic, gpu)) found[flow.to] += flow.share;
  return found;
}

StepPlan plan_of_flows() { return small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1)); }

// The GPUs of index 1 on the other three nodes of the group: 3, 5 and 7, and behind them NVLink.
TEST(FlowsOf, ExpertsGoAlikeToTheOtherNodesOfTheGroup) {
  EXPECT_EQ(peers(plan_of_flows(), Traffic::kExperts, 1),
            (Peers{{3, 1.0 / 3}, {5, 1.0 / 3}, {7, 1.0 / 3}}));
  StepPlan halves = plan_of_flows();
  halves.network->expert_gpus = 4;
  EXPECT_EQ(peers(halves, Traffic::kExperts, 13), (Peers{{15, 1.0}}));
  halves.network->expert_gpus = 2;  // in a node
  EXPECT_EQ(peers(halves, Traffic::kExperts, 13), Peers{});
}

TEST(FlowsOf, SendsGoToTheSamePlaceOfTheNeighbouringRank) {
  const StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1), 4);
  EXPECT_EQ(peers(plan, Traffic::kSendsOn, 10), (Peers{{18, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kSendsBack, 10), (Peers{{2, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kSendsOn, 30), (Peers{{6, 1.0}}));
}

// Pipeline ranks of one GPU that share a node need no network.
TEST(FlowsOf, SendsInsideANodeAreNone) {
  StepPlan plan = plan_of_flows();
  plan.data_ranks = 1;
  EXPECT_EQ(peers(plan, Traffic::kSendsOn, 0), Peers{});
}

TEST(FlowsOf, RingsGoToTheNextNodeAndFromTheLastToTheFirst) {
  StepPlan plan = plan_of_flows();
  EXPECT_EQ(peers(plan, Traffic::kShards, 9), (Peers{{11, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kShards, 15), (Peers{{9, 1.0}}));
  plan.shard_ranks = 4;
  EXPECT_EQ(peers(plan, Traffic::kShards, 11), (Peers{{9, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kTensor, 9), Peers{});
  // One data rank of 8 GPUs: 4 tensor ranks on 2 nodes, 2 context ranks on 4.
  plan.data_ranks = 1;
  plan.network->gpus_per_rank = 8;
  plan.network->tensor = 4;
  EXPECT_EQ(peers(plan, Traffic::kTensor, 9), (Peers{{11, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kTensor, 11), (Peers{{9, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kContext, 11), (Peers{{13, 1.0}}));
}

// Half of the bytes are experts': their replicas are one group (4 GPUs, 2 nodes) apart, those of
// everything else on all nodes.
TEST(FlowsOf, ReplicasOfExpertsAreAGroupApart) {
  StepPlan plan = plan_of_flows();
  plan.network->expert_gpus = 4;
  EXPECT_EQ(peers(plan, Traffic::kReplicas, 1), (Peers{{5, 0.5}, {3, 0.5}}));
  // Under DualPipe rank 1 of 2 holds the same: 8 nodes, the second rank's after the first's.
  plan.schedule = find_schedule("dualpipe");
  EXPECT_EQ(peers(plan, Traffic::kReplicas, 5), (Peers{{9, 0.5}, {7, 0.5}}));
  EXPECT_EQ(peers(plan, Traffic::kReplicas, 15), (Peers{{3, 0.5}, {1, 0.5}}));
}

}  // namespace
}  // namespace windtunnel
