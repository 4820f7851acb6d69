#include "simulator/workload/network_segments.h"

#include <gtest/gtest.h>

#include "tests/workload/small_networks.h"

namespace windtunnel {
namespace {

using testing::small_fabric;

NetworkShape shape_of(const Fabric& fabric) {
  return {.fabric = fabric,
          .gpus_per_node = 2,
          .gpus_per_rank = 1,
          .tensor = 1,
          .expert_gpus = 8,
          .nics = {},
          .expert_share = {}};
}

// 32 GPUs: 8 leaves in two pods; a leaf has 4 uplinks of 40 kB/s, a pod 8 to the cores.
TEST(Segments, AreLeavesThenPods) {
  const NetworkShape network = shape_of(small_fabric(FabricKind::kThreeLayerFatTree, 1));
  const Segments segments = segments_of(network, 32);
  EXPECT_EQ(segments.leaves, 8);
  EXPECT_EQ(segments.pods, 2);
  const auto capacities = capacities_of(segments, 32);
  ASSERT_EQ(capacities.size(), 2U * (8 + 2));
  EXPECT_EQ(capacities[static_cast<std::size_t>(segments.of_leaf(7, 0, true))], 160'000);
  EXPECT_EQ(capacities[static_cast<std::size_t>(segments.of_pod(1, 0, false))], 320'000);
}

TEST(Segments, OfHashedRoutingAreSingleLinks) {
  Fabric fabric = small_fabric(FabricKind::kThreeLayerFatTree, 1);
  fabric.routing = Routing::kEcmp;
  const NetworkShape network = shape_of(fabric);
  const auto capacities = capacities_of(segments_of(network, 32), 32);
  ASSERT_EQ(capacities.size(), 2U * (8 * 4 + 2 * 8));
  for (const std::int64_t capacity : capacities) EXPECT_EQ(capacity, 40'000);
}

TEST(Segments, LinksThatAreDownAreMissing) {
  Fabric fabric = small_fabric(FabricKind::kThreeLayerFatTree, 1);
  fabric.failed_uplinks = {3};
  fabric.failed_core_links = {1, 1};
  const NetworkShape network = shape_of(fabric);
  const Segments segments = segments_of(network, 32);
  const auto capacities = capacities_of(segments, 32);
  EXPECT_EQ(capacities[static_cast<std::size_t>(segments.of_leaf(3, 0, false))], 120'000);
  EXPECT_EQ(capacities[static_cast<std::size_t>(segments.of_pod(1, 0, true))], 240'000);
  EXPECT_EQ(capacities[static_cast<std::size_t>(segments.of_pod(0, 0, true))], 320'000);
}

// From GPU 1 (leaf 0, pod 0) to GPU 31 (leaf 7, pod 1): up twice by the sender, down twice by the
// receiver.
TEST(Segments, AFlowIsChargedUpToItsSenderAndDownToItsReceiver) {
  const NetworkShape network = shape_of(small_fabric(FabricKind::kThreeLayerFatTree, 1));
  const Segments segments = segments_of(network, 32);
  std::vector<Crossing> sender;
  std::vector<Crossing> receiver;
  add_flow(segments, 1, {31, 0.5}, sender, receiver);
  EXPECT_EQ(sender, (std::vector<Crossing>{{segments.of_leaf(0, 0, false), 0.5, 1},
                                           {segments.of_pod(0, 0, false), 0.5, 1}}));
  EXPECT_EQ(receiver, (std::vector<Crossing>{{segments.of_leaf(7, 0, true), 0.5, 1},
                                             {segments.of_pod(1, 0, true), 0.5, 1}}));
  sender.clear();
  add_flow(segments, 1, {3, 0.5}, sender, receiver);  // under the same leaf
  EXPECT_TRUE(sender.empty());
}

// GPU 1 uses the NIC of GPU 0, without a fabric too: out of its port, into its neighbour's.
TEST(Segments, ADetourCrossesTwoNvlinkPorts) {
  NetworkShape network = shape_of(small_fabric(FabricKind::kTwoLayerFatTree, 1));
  network.fabric.reset();
  network.nics = {0, 0, 2, 3};
  network.port_capacity = 500'000;
  const Segments segments = segments_of(network, 4);
  EXPECT_EQ(capacities_of(segments, 4), std::vector<std::int64_t>(8, 500'000));
  std::vector<Crossing> sender;
  std::vector<Crossing> receiver;
  add_flow(segments, 1, {3, 1}, sender, receiver);
  EXPECT_EQ(sender, (std::vector<Crossing>{{segments.of_port(1, false), 1, 1},
                                           {segments.of_port(0, true), 1, 1}}));
  EXPECT_TRUE(receiver.empty());
  add_flow(segments, 3, {1, 1}, receiver, sender);
  EXPECT_EQ(sender.size(), 4U);
}

}  // namespace
}  // namespace windtunnel
