#include "simulator/hardware/fabric.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/hardware/cluster.h"

namespace windtunnel {
namespace {

const Fabric& shipped_fabric() {
  static const Fabric fabric = *load_cluster("topologies/h800-2048-two-layer.toml", {}).fabric;
  return fabric;
}

Fabric fabric_of_kind(FabricKind kind, double oversubscription = 1) {
  Fabric fabric = shipped_fabric();
  fabric.kind = kind;
  fabric.oversubscription = oversubscription;
  if (kind == FabricKind::kMultiPlaneFatTree) fabric.planes = 8;
  if (kind == FabricKind::kThreeLayerFatTree) fabric.core_oversubscription = 1;
  return fabric;
}

FabricSize largest(const Fabric& fabric) { return fabric_size(fabric, most_nodes(fabric, 8), 8); }

// arXiv 2505.09343, table 3: networks of 64-port switches at their largest.
TEST(FabricSize, IsThatOfThePublishedNetworks) {
  struct Row {
    FabricKind kind;
    int endpoints;
    int switches;
    int links;
    double cost_musd;
    double cost_per_endpoint;
  };
  for (const Row& row : {Row{FabricKind::kTwoLayerFatTree, 2048, 96, 2048, 9, 4390},
                         Row{FabricKind::kMultiPlaneFatTree, 16384, 768, 16384, 72, 4390},
                         Row{FabricKind::kThreeLayerFatTree, 65536, 5120, 131072, 491, 7500}}) {
    const Fabric fabric = fabric_of_kind(row.kind);
    const FabricSize size = largest(fabric);
    EXPECT_EQ(size.endpoints, row.endpoints);
    EXPECT_EQ(size.switches, row.switches);
    EXPECT_EQ(size.links, row.links);
    const Dollars cost = fabric_cost(fabric.prices, size);
    EXPECT_NEAR(cost.value / 1e6 / row.cost_musd, 1, 0.01);
    EXPECT_NEAR(cost.value / size.endpoints / row.cost_per_endpoint, 1, 0.01);
  }
}

// The table's other two networks, which are not simulated. Slim Fly (q = 28): 2 q^2 switches of
// 3 q / 2 links and 21 endpoints. Dragonfly: 511 groups of 32 switches with 16 endpoints, all
// joined within a group (32 x 31 / 2), and 16 links each to other groups.
TEST(FabricPrices, HoldForThePublishedSlimFlyAndDragonflyToo) {
  const FabricPrices& prices = shipped_fabric().prices;
  const FabricSize slim{
      .leaves = 0, .switches = 2 * 28 * 28, .links = 28 * 28 * 42, .endpoints = 2 * 28 * 28 * 21};
  EXPECT_EQ(slim.switches, 1568);
  EXPECT_EQ(slim.links, 32928);
  EXPECT_EQ(slim.endpoints, 32928);
  EXPECT_NEAR(fabric_cost(prices, slim).value / 146e6, 1, 0.01);
  const FabricSize dragonfly{.leaves = 0,
                             .switches = 511 * 32,
                             .links = 511 * (32 * 31 / 2) + 511 * 32 * 16 / 2,
                             .endpoints = 511 * 32 * 16};
  EXPECT_EQ(dragonfly.switches, 16352);
  EXPECT_EQ(dragonfly.links, 384272);
  EXPECT_EQ(dragonfly.endpoints, 261632);
  EXPECT_NEAR(fabric_cost(prices, dragonfly).value / 1522e6, 1, 0.01);
}

// 2048 GPUs, as bought: 64 leaves of 32 each way, 2048 links on 32 spines; by planes 8 x (8 + 4);
// two pods of 32 leaves and 32 upper switches under 2 x 1024 / 64 cores.
TEST(FabricSize, CountsWhatTheNodesNeed) {
  const auto size = [](const Fabric& fabric, int nodes) { return fabric_size(fabric, nodes, 8); };
  for (const FabricKind kind :
       {FabricKind::kTwoLayerFatTree, FabricKind::kMultiPlaneFatTree, FabricKind::kRailOptimised}) {
    const FabricSize built = size(fabric_of_kind(kind), 256);
    EXPECT_EQ(built.leaves, 64);
    EXPECT_EQ(built.switches, 96);
    EXPECT_EQ(built.links, 2048);
    EXPECT_EQ(built.endpoints, 2048);
  }
  const FabricSize three = size(fabric_of_kind(FabricKind::kThreeLayerFatTree), 256);
  EXPECT_EQ(three.switches, 64 + 64 + 32);
  EXPECT_EQ(three.links, 4096);
  // Four to one: 8 uplinks a leaf, 512 in all, on 8 spines.
  const FabricSize thin = size(fabric_of_kind(FabricKind::kTwoLayerFatTree, 4), 256);
  EXPECT_EQ(thin.switches, 72);
  EXPECT_EQ(thin.links, 512);
  // What one leaf holds needs no spine; neither does one pod a core.
  EXPECT_EQ(size(fabric_of_kind(FabricKind::kTwoLayerFatTree), 4).switches, 1);
  EXPECT_EQ(size(fabric_of_kind(FabricKind::kTwoLayerFatTree), 4).links, 0);
  EXPECT_EQ(size(fabric_of_kind(FabricKind::kThreeLayerFatTree), 8).switches, 2 + 1);
}

TEST(MostNodes, IsWhatTheSpinesPortsReach) {
  EXPECT_EQ(most_nodes(fabric_of_kind(FabricKind::kTwoLayerFatTree), 8), 256);
  EXPECT_EQ(most_nodes(fabric_of_kind(FabricKind::kRailOptimised), 8), 256);
  EXPECT_EQ(most_nodes(fabric_of_kind(FabricKind::kMultiPlaneFatTree), 8), 2048);
  EXPECT_EQ(most_nodes(fabric_of_kind(FabricKind::kThreeLayerFatTree), 8), 8192);
}

// A leaf of 32 ports takes 4 whole nodes, or one GPU of each of 32.
TEST(LeafOf, FollowsTheWiring) {
  const auto leaf = [](FabricKind kind, int node, int index) {
    return leaf_of(fabric_of_kind(kind), 8, node * 8 + index);
  };
  EXPECT_EQ(leaf(FabricKind::kTwoLayerFatTree, 3, 7), 0);
  EXPECT_EQ(leaf(FabricKind::kTwoLayerFatTree, 4, 0), 1);
  EXPECT_EQ(leaf(FabricKind::kMultiPlaneFatTree, 31, 5), 5);
  EXPECT_EQ(leaf(FabricKind::kMultiPlaneFatTree, 32, 5), 13);
  EXPECT_EQ(leaf(FabricKind::kRailOptimised, 255, 7), 63);
}

TEST(PortOf, IsDifferentForEveryGpuOfALeaf) {
  for (const FabricKind kind :
       {FabricKind::kTwoLayerFatTree, FabricKind::kMultiPlaneFatTree, FabricKind::kRailOptimised}) {
    const Fabric fabric = fabric_of_kind(kind);
    std::vector<std::vector<bool>> taken(64, std::vector<bool>(32, false));
    for (int gpu = 0; gpu < 2048; ++gpu) {
      const auto leaf = static_cast<std::size_t>(leaf_of(fabric, 8, gpu));
      const auto port = static_cast<std::size_t>(port_of(fabric, 8, gpu));
      ASSERT_LT(leaf, 64U);
      ASSERT_LT(port, 32U);
      EXPECT_FALSE(taken[leaf][port]);
      taken[leaf][port] = true;
    }
  }
}

// Planes and rails are reached over NVLink: only nodes count. 2.8 us through one leaf, 0.45 us for
// each switch more (table 5: 3.7 us across leaves).
TEST(SwitchesBetween, AreOneThreeOrFive) {
  const auto switches = [](FabricKind kind, int from, int to) {
    return switches_between(fabric_of_kind(kind), 8, from * 8, to * 8 + 7);
  };
  EXPECT_EQ(switches(FabricKind::kTwoLayerFatTree, 0, 3), 1);
  EXPECT_EQ(switches(FabricKind::kTwoLayerFatTree, 0, 4), 3);
  EXPECT_EQ(switches(FabricKind::kMultiPlaneFatTree, 0, 31), 1);
  EXPECT_EQ(switches(FabricKind::kMultiPlaneFatTree, 0, 32), 3);
  EXPECT_EQ(switches(FabricKind::kRailOptimised, 5, 40), 3);
  EXPECT_EQ(switches(FabricKind::kThreeLayerFatTree, 0, 127), 3);
  EXPECT_EQ(switches(FabricKind::kThreeLayerFatTree, 0, 128), 5);
  EXPECT_NEAR(further_latency(shipped_fabric(), 8, 0, 2040).value, 0.9e-6, 1e-12);
}

TEST(RatePerGpu, IsThatOfTheNarrowestLayer) {
  const BytesPerSecond nic{50e9};
  EXPECT_DOUBLE_EQ(rate_per_gpu(shipped_fabric(), nic).value, 50e9);
  EXPECT_DOUBLE_EQ(rate_per_gpu(fabric_of_kind(FabricKind::kTwoLayerFatTree, 4), nic).value,
                   12.5e9);
  Fabric three = fabric_of_kind(FabricKind::kThreeLayerFatTree, 2);
  EXPECT_DOUBLE_EQ(rate_per_gpu(three, nic).value, 25e9);
  three.core_oversubscription = 4;
  EXPECT_DOUBLE_EQ(rate_per_gpu(three, nic).value, 6.25e9);
  EXPECT_DOUBLE_EQ(rate_per_gpu(three, {1e9}).value, 1e9);
}

TEST(WorkingUplinks, AreWithoutThoseThatAreDown) {
  Fabric fabric = shipped_fabric();
  fabric.failed_uplinks = {3, 5, 3};
  EXPECT_EQ(working_uplinks(fabric, 3), 30);
  EXPECT_EQ(working_uplinks(fabric, 5), 31);
  EXPECT_EQ(working_uplinks(fabric, 4), 32);
}

TEST(WorkingCoreLinks, AreWithoutThoseThatAreDown) {
  Fabric fabric = fabric_of_kind(FabricKind::kThreeLayerFatTree, 1);
  fabric.core_oversubscription = 2;
  fabric.failed_core_links = {1, 1};
  EXPECT_EQ(working_core_links(fabric, 1), 32 * 16 - 2);
  EXPECT_EQ(working_core_links(fabric, 0), 32 * 16);
}

// 64 leaves, 8 spines and 512 links at 4 to 1: with dear switches 72 x 60 k + 512 x 1223 + 2048 x
// 359, and with free ones 512 x 3098 + 2048 x 1297.
TEST(FabricCost, RangesOverTheSplitsThatFit) {
  const Fabric fabric = fabric_of_kind(FabricKind::kTwoLayerFatTree, 4);
  const FabricSize size = fabric_size(fabric, 256, 8);
  const CostRange range = cost_range(fabric.prices, size);
  EXPECT_DOUBLE_EQ(range.high.value, 72 * 60e3 + 512 * 1223 + 2048 * 359);
  EXPECT_DOUBLE_EQ(range.low.value, 512 * 3098 + 2048 * 1297);
  // What was published lies within 1 % of each.
  const Fabric whole = fabric_of_kind(FabricKind::kTwoLayerFatTree, 1);
  for (const Dollars cost : {cost_range(whole.prices, fabric_size(whole, 256, 8)).low,
                             cost_range(whole.prices, fabric_size(whole, 256, 8)).high}) {
    EXPECT_NEAR(cost.value / 9.0e6, 1, 0.01);
  }
}

// Whatever the kind: more nodes never need fewer switches, links or dollars.
RC_GTEST_PROP(FabricSize, GrowsWithTheNodes, ()) {
  const FabricKind kind =
      *rc::gen::element(FabricKind::kTwoLayerFatTree, FabricKind::kThreeLayerFatTree,
                        FabricKind::kMultiPlaneFatTree, FabricKind::kRailOptimised);
  const Fabric fabric = fabric_of_kind(kind, *rc::gen::element(1, 2, 4, 8));
  const int nodes = *rc::gen::inRange(1, most_nodes(fabric, 8));
  const FabricSize few = fabric_size(fabric, nodes, 8);
  const FabricSize more = fabric_size(fabric, nodes + 1, 8);
  RC_ASSERT(few.switches <= more.switches);
  RC_ASSERT(few.links <= more.links);
  RC_ASSERT(fabric_cost(fabric.prices, few) < fabric_cost(fabric.prices, more));
}

}  // namespace
}  // namespace windtunnel
