#include "simulator/workload/network_flows.h"

#include <gtest/gtest.h>

#include <cmath>
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

// A group of 12 GPUs on nodes of 8 begins in the middle of one: 4 members there, 8 on the next.
// What goes to the first node goes to its members, two of the second for each, and what leaves them
// meets all eight over time by place; a node gets as much as it has members.
TEST(FlowsOf, GroupsThatDoNotFillNodesTalkAmongThemselves) {
  StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1));
  plan.data_ranks = plan.shard_ranks = 12;
  plan.network->gpus_per_node = 8;
  plan.network->expert_gpus = 12;
  // The second pipeline rank is GPUs 12 to 23: 12 to 15 on node 1, 16 to 23 on node 2.
  EXPECT_EQ(peers(plan, Traffic::kExperts, 13), (Peers{{17, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kExperts, 17), (Peers{{13, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kExperts, 22), (Peers{{14, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kShards, 22), (Peers{{14, 1.0}}));
  // Three nodes: 4, 8 and 8 members, of which a GPU of the first has 16 elsewhere.
  plan.data_ranks = 20;
  plan.network->expert_gpus = 20;
  EXPECT_EQ(peers(plan, Traffic::kExperts, 21), (Peers{{25, 0.5}, {33, 0.5}}));
  EXPECT_EQ(peers(plan, Traffic::kExperts, 25), (Peers{{21, 1.0 / 3}, {33, 2.0 / 3}}));
}

TEST(FlowsOf, StayWithinTheGroupWhateverItsPlace) {
  for (const int gpus : {5, 6, 10, 12, 14, 18}) {
    StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1), 4);
    plan.data_ranks = gpus;
    plan.shard_ranks = plan.network->expert_gpus = gpus;
    plan.network->gpus_per_node = 4;
    for (int gpu = 0; gpu < 4 * gpus; ++gpu) {
      for (const Traffic traffic : {Traffic::kExperts, Traffic::kShards, Traffic::kReplicas}) {
        double sum = 0;
        for (const Flow& flow : flows_of(plan, traffic, gpu)) {
          EXPECT_EQ(flow.to / gpus, gpu / gpus) << gpus << " " << gpu;
          EXPECT_NE(flow.to / 4, gpu / 4);
          sum += flow.share;
        }
        EXPECT_TRUE(sum == 0 || std::abs(sum - 1) < 1e-9 || traffic == Traffic::kReplicas);
      }
    }
  }
}

// Expert groups of 6 on nodes of 4: replicas of GPU 1's experts are GPUs 7, 13 and 19.
TEST(FlowsOf, ReplicasOfExpertsAreTheGpusThatHoldThem) {
  StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1), 1);
  plan.data_ranks = 24;
  plan.network->expert_gpus = 6;
  plan.network->gpus_per_node = 4;
  plan.network->expert_share = {1};
  EXPECT_EQ(peers(plan, Traffic::kReplicas, 1), (Peers{{7, 1.0}}));
  EXPECT_EQ(peers(plan, Traffic::kReplicas, 19), (Peers{{1, 1.0}}));
}

TEST(DirectFlows, GoAlikeToEveryGpuOfOtherNodes) {
  const std::vector<Flow> flows = direct_flows(2, 6, 2, 3);
  ASSERT_EQ(flows.size(), 4U);
  EXPECT_EQ(flows.front().to, 4);
  EXPECT_EQ(flows.back().to, 7);
  EXPECT_EQ(flows.front().share, 0.25);
}

}  // namespace
}  // namespace windtunnel
