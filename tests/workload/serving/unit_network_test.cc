#include "simulator/workload/serving/unit_network.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "simulator/engine/run.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

ServingScenario on_network(const std::string& topology, std::vector<Override> more = {}) {
  more.insert(more.begin(), {"cluster", "topologies/h800-2048-" + topology + ".toml"});
  return v3_units(more);
}

TEST(UnitNetwork, UnitsThatPrefillStandBehindThoseThatDecode) {
  const ServingScenario scenario = v3_units();
  EXPECT_EQ(first_gpu(scenario, false, 0), 0);
  EXPECT_EQ(first_gpu(scenario, true, 0), 320);
  EXPECT_EQ(first_gpu(scenario, true, 9), 320 + 9 * 32);
}

TEST(UnitNetwork, NothingNarrowsANicWithoutAFabricOrOversubscription) {
  EXPECT_EQ(network_rate(v3_units(), UnitTraffic::kDirect, 320).together.value, 50e9);
  for (const char* kind : {"two-layer", "three-layer", "multi-plane", "rails"}) {
    const ServingScenario scenario = on_network(kind);
    EXPECT_EQ(network_rate(scenario, UnitTraffic::kDirect, 320).together.value, 50e9) << kind;
    EXPECT_EQ(network_rate(scenario, UnitTraffic::kTwoHops, 32).alone.value, 50e9) << kind;
  }
}

// 320 GPUs are 40 nodes on 10 leaves of 4. Of what a GPU sends, 36 of 39 parts leave its leaf,
// whose 32 GPUs have 8 links at 4 to 1: 400 GB/s / (32 x 36 / 39). Prompts stay under a leaf.
TEST(UnitNetwork, OversubscriptionLeavesWhatHandCalculationSays) {
  const std::vector<Override> narrow{{"cluster.fabric.oversubscription", "4"}};
  const ServingScenario tree = on_network("two-layer", narrow);
  const NetworkRate decoding = network_rate(tree, UnitTraffic::kDirect, 320);
  EXPECT_NEAR(decoding.together.value, 8 * 50e9 / (32 * 36.0 / 39), 1);
  EXPECT_NEAR(decoding.alone.value, decoding.together.value, 1);
  EXPECT_EQ(network_rate(tree, UnitTraffic::kTwoHops, 32).together.value, 50e9);
  // A leaf of rails has 32 nodes, the 8 others are a fifth of the traffic and less than the links.
  EXPECT_EQ(network_rate(on_network("rails", narrow), UnitTraffic::kDirect, 320).together.value,
            50e9);
}

// Decoding on 16 GPUs shifts prompts by two nodes: each unit of 4 nodes lies half under one leaf,
// half under the next, where two of its three peers are elsewhere. A leaf has two such halves.
TEST(UnitNetwork, UnitsUnderOneLeafShareItsLinks) {
  const ServingScenario scenario =
      on_network("two-layer", {{"cluster.fabric.oversubscription", "4"},
                               {"unit.gpus", "16"},
                               {"unit.expert", "16"},
                               {"unit.redundant_experts", "0"},
                               {"unit.shared_routed", "false"}});
  const NetworkRate rate = network_rate(scenario, UnitTraffic::kTwoHops, 32);
  EXPECT_NEAR(rate.together.value, 8 * 50e9 / (32 * 2.0 / 3), 1);
  EXPECT_NEAR(rate.alone.value, 2 * rate.together.value, 1);
}

// 24 of 32 links of leaf 0 are down: 400 GB/s for its GPUs, as at 4 to 1.
TEST(UnitNetwork, LinksThatAreDownNarrowTheSlowestLeaf) {
  std::string list = "[0";
  for (int link = 1; link < 24; ++link) list += ", 0";
  const ServingScenario scenario =
      on_network("two-layer", {{"cluster.fabric.failed_uplinks", list + "]"}});
  EXPECT_NEAR(network_rate(scenario, UnitTraffic::kDirect, 320).together.value,
              8 * 50e9 / (32 * 36.0 / 39), 1);
}

TEST(UnitNetwork, HashedFlowsCollide) {
  const std::vector<Override> hashed{{"cluster.fabric.routing", "ecmp"},
                                     {"prefill_unit.gpus", "64"},
                                     {"prefill_unit.expert", "64"},
                                     {"prefill_unit.redundant_experts", "64"}};
  ServingScenario scenario = on_network("two-layer", hashed);
  const double two_hops = network_rate(scenario, UnitTraffic::kTwoHops, 64).together.value;
  EXPECT_LT(two_hops, 40e9);
  EXPECT_GT(two_hops, 50e9 / 8);
  // A GPU has 4 flows of two hops to another leaf, and 32 of one, which collide less.
  scenario.unit = *scenario.prefill_unit;
  scenario.prefill_unit.reset();
  EXPECT_EQ(network_rate(scenario, UnitTraffic::kTwoHops, 64).alone.value, two_hops);
  EXPECT_GT(network_rate(scenario, UnitTraffic::kDirect, 64).alone.value, two_hops);
}

TEST(UnitNetwork, RingsOfAttentionGroupsOverNodesUseIt) {
  const ServingScenario scenario =
      deployment("deepseek-v3/serve-h100", {{"cluster", "topologies/h800-2048-two-layer.toml"},
                                            {"cluster.fabric.oversubscription", "8"},
                                            {"cluster.fabric.leaf_down", "8"},
                                            {"cluster.nodes", "64"},
                                            {"unit.gpus", "16"}});
  // A leaf of one node has one link: each of its 8 GPUs an eighth of it.
  EXPECT_NEAR(network_rate(scenario, UnitTraffic::kRing, 16).together.value, 50e9 / 8, 1);
  EXPECT_EQ(network_rate(scenario, UnitTraffic::kRing, 8).together.value, 50e9);
}

/// How much longer than its work it takes in the engine, at the NIC's rate, until all GPUs have
/// sent their flows, which begin together.
double simulated_stretch(const Fabric& fabric, const std::vector<std::vector<Flow>>& flows,
                         double nic) {
  const NetworkRoutes routes = flow_routes({.fabric = fabric,
                                            .gpus_per_node = 8,
                                            .gpus_per_rank = 1,
                                            .tensor = 1,
                                            .expert_gpus = 1,
                                            .nics = {},
                                            .expert_share = {}},
                                           flows);
  OpGraph graph;
  std::vector<ResourceId> segments;
  for (const std::int64_t capacity : routes.capacities) {
    segments.push_back(graph.add_resource(capacity));
  }
  constexpr Picoseconds kWork{1'000'000'000};
  for (int gpu = 0; gpu < routes.members; ++gpu) {
    std::vector<Share> shares;
    for (const Crossing& crossing : crossings_of(routes, Traffic::kExperts, 0, gpu)) {
      const auto demand = static_cast<std::int64_t>(crossing.share * nic);
      shares.push_back({segments[static_cast<std::size_t>(crossing.segment)], demand});
    }
    graph.add_op(graph.add_lane(), kWork, {}, shares);
  }
  return static_cast<double>(run(graph).makespan.count) / static_cast<double>(kWork.count);
}

ServingScenario on_any_network() {
  const char* kind = *rc::gen::element("two-layer", "three-layer", "multi-plane", "rails");
  const char* routing = *rc::gen::element("adaptive", "ecmp", "static");
  const std::string ratio = std::to_string(*rc::gen::element(1, 2, 4, 8));
  return on_network(
      kind, {{"cluster.fabric.routing", routing}, {"cluster.fabric.oversubscription", ratio}});
}

// The header's claim: the fullest segment says how long the engine's max-min sharing takes.
RC_GTEST_PROP(UnitNetwork, IsWhatMaxMinSharingGives, ()) {
  ServingScenario scenario = on_any_network();
  const int gpus = 8 * *rc::gen::inRange(2, 40);
  scenario.prefill_unit.reset();
  scenario.unit.gpus = scenario.unit.expert = gpus;
  std::vector<std::vector<Flow>> flows;
  for (int gpu = 0; gpu < gpus; ++gpu) flows.push_back(all_to_all_flows(0, gpus, 8, gpu));
  const double nic = scenario.cluster.scale_out.peak.value;
  const double rate = network_rate(scenario, UnitTraffic::kTwoHops, gpus).together.value;
  const double stretch = std::max(1.0, simulated_stretch(*scenario.cluster.fabric, flows, nic));
  RC_ASSERT(std::abs(stretch * rate / nic - 1) < 1e-6);
}

// Beside a unit that prefills, which sends to its index, one that decodes sends to every GPU.
RC_GTEST_PROP(UnitNetwork, UnitsOfBothKindsTransferEachInTheirWay, ()) {
  ServingScenario scenario = on_any_network();
  const int decoding = 8 * *rc::gen::inRange(2, 12);
  const int prefill = 8 * *rc::gen::inRange(2, 12);
  scenario.unit.gpus = scenario.unit.expert = decoding;
  scenario.prefill_unit->gpus = scenario.prefill_unit->expert = prefill;
  scenario.prefill_unit->count = 1;
  std::vector<std::vector<Flow>> flows;
  for (int gpu = 0; gpu < decoding; ++gpu) flows.push_back(direct_flows(0, decoding, 8, gpu));
  for (int gpu = decoding; gpu < decoding + prefill; ++gpu) {
    flows.push_back(all_to_all_flows(decoding, prefill, 8, gpu));
  }
  const double nic = scenario.cluster.scale_out.peak.value;
  const double rate =
      std::min(network_rate(scenario, UnitTraffic::kDirect, decoding).together.value,
               network_rate(scenario, UnitTraffic::kTwoHops, prefill).together.value);
  const double stretch = std::max(1.0, simulated_stretch(*scenario.cluster.fabric, flows, nic));
  RC_ASSERT(std::abs(stretch * rate / nic - 1) < 1e-6);
}

}  // namespace
}  // namespace windtunnel
