#include "simulator/workload/parallelism/data.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

Cluster cluster_of(double up, double out) {
  const Link scale_up{.peak = {up}, .effective = {up}, .effective_high = {}, .latency = {1e-6},
                      .source = "test"};
  const Link scale_out{.peak = {out}, .effective = {out}, .effective_high = {}, .latency = {2e-6},
                       .source = "test"};
  Cluster cluster{};
  cluster.nodes = 4;
  cluster.gpus_per_node = 8;
  cluster.scale_up = scale_up;
  cluster.scale_out = scale_out;
  return cluster;
}

// 32 replicas, 8 a node: 7/8 of 4 kB over NVLink at 1 kB/s, then 3/4 of the 0.5 kB shard at 0.1
// kB/s, latencies 7 x 1 us and 3 x 2 us.
TEST(ScatterCost, GoesThroughTheNodeFirst) {
  const Replication replication{.parameters = 1000, .replicas = 32, .replicas_per_node = 8};
  const CollectiveCost cost = scatter_cost(replication, 4, cluster_of(1000, 100));
  EXPECT_DOUBLE_EQ(cost.time.value, 3.5 + 7e-6 + 3.75 + 6e-6);
  EXPECT_DOUBLE_EQ(cost.scale_out.value, 375);
}

TEST(ScatterCost, OfOneReplicaIsFree) {
  const Replication replication{.parameters = 1000, .replicas = 1, .replicas_per_node = 1};
  EXPECT_EQ(scatter_cost(replication, 4, cluster_of(1000, 100)).time.value, 0);
}

TEST(ScatterCost, InsideANodeLeavesTheNicAlone) {
  const Replication replication{.parameters = 1000, .replicas = 8, .replicas_per_node = 8};
  EXPECT_EQ(scatter_cost(replication, 4, cluster_of(1000, 100)).scale_out.value, 0);
}

// Four replicas on four nodes: 3/4 of the whole buffer crosses the network.
TEST(ScatterCost, AcrossNodesMovesTheWholeBuffer) {
  const Replication replication{.parameters = 1000, .replicas = 4, .replicas_per_node = 1};
  EXPECT_DOUBLE_EQ(scatter_cost(replication, 2, cluster_of(1000, 100)).scale_out.value, 1500);
}

}  // namespace
}  // namespace windtunnel
