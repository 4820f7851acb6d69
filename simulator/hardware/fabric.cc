#include "simulator/hardware/fabric.h"

#include <algorithm>
#include <cmath>

namespace windtunnel {
namespace {

int divided_up(int value, int by) { return (value + by - 1) / by; }

int nodes_per_leaf(const Fabric& fabric, int gpus_per_node) {
  return fabric.leaf_down * leaves_of_node(fabric, gpus_per_node) / gpus_per_node;
}

bool has_pods(const Fabric& fabric) { return fabric.kind == FabricKind::kThreeLayerFatTree; }

int leaves_per_pod(const Fabric& fabric) { return fabric.radix / 2; }

/// Two layers of `leaves`, for one plane.
FabricSize two_layers(const Fabric& fabric, int leaves) {
  if (leaves < 2) return {.leaves = leaves, .switches = leaves, .links = 0, .endpoints = 0};
  const int links = leaves * uplinks(fabric);
  return {.leaves = leaves,
          .switches = leaves + divided_up(links, fabric.radix),
          .links = links,
          .endpoints = 0};
}

/// Pods of leaves and as many upper switches as a leaf has uplinks, joined by cores.
FabricSize three_layers(const Fabric& fabric, int leaves) {
  const int pods = divided_up(leaves, leaves_per_pod(fabric));
  if (pods < 2) return two_layers(fabric, leaves);
  const int above = pods * pod_uplinks(fabric);
  return {.leaves = leaves,
          .switches = leaves + pods * uplinks(fabric) + divided_up(above, fabric.radix),
          .links = leaves * uplinks(fabric) + above,
          .endpoints = 0};
}

Dollars cost_of(const PriceSplit& split, const FabricSize& size) {
  return split.of_switch * size.switches + split.link * size.links +
         split.endpoint * size.endpoints;
}

}  // namespace

std::string_view fabric_kind_name(FabricKind kind) {
  return kind == FabricKind::kTwoLayerFatTree     ? "two_layer_fat_tree"
         : kind == FabricKind::kThreeLayerFatTree ? "three_layer_fat_tree"
         : kind == FabricKind::kMultiPlaneFatTree ? "multi_plane_fat_tree"
                                                  : "rail_optimised";
}

std::string_view routing_name(Routing routing) {
  return routing == Routing::kAdaptive ? "adaptive" : routing == Routing::kEcmp ? "ecmp" : "static";
}

std::string_view price_basis_name(PriceBasis basis) {
  return basis == PriceBasis::kPublished ? "published"
         : basis == PriceBasis::kSolved  ? "solved"
                                         : "assumed";
}

int leaves_of_node(const Fabric& fabric, int gpus_per_node) {
  switch (fabric.kind) {
    case FabricKind::kMultiPlaneFatTree:
      return fabric.planes.value_or(1);
    case FabricKind::kRailOptimised:
      return gpus_per_node;
    default:
      return 1;
  }
}

int leaf_of(const Fabric& fabric, int gpus_per_node, int gpu) {
  const int beside = leaves_of_node(fabric, gpus_per_node);
  const int node = gpu / gpus_per_node;
  return node / nodes_per_leaf(fabric, gpus_per_node) * beside + gpu % gpus_per_node % beside;
}

int leaf_towards(const Fabric& fabric, int gpus_per_node, int from, int to) {
  return leaf_of(fabric, gpus_per_node, from - from % gpus_per_node + to % gpus_per_node);
}

int port_of(const Fabric& fabric, int gpus_per_node, int gpu) {
  const int beside = leaves_of_node(fabric, gpus_per_node);
  const int node = gpu / gpus_per_node % nodes_per_leaf(fabric, gpus_per_node);
  return node * (gpus_per_node / beside) + gpu % gpus_per_node / beside;
}

int pod_of(const Fabric& fabric, int leaf) {
  return has_pods(fabric) ? leaf / leaves_per_pod(fabric) : 0;
}

int uplinks(const Fabric& fabric) {
  return static_cast<int>(std::lround(fabric.leaf_down / fabric.oversubscription));
}

int working_uplinks(const Fabric& fabric, int leaf) {
  const auto failed = std::count(fabric.failed_uplinks.begin(), fabric.failed_uplinks.end(), leaf);
  return uplinks(fabric) - static_cast<int>(failed);
}

int leaf_of_pod(const Fabric& fabric, int leaf) {
  return has_pods(fabric) ? leaf % leaves_per_pod(fabric) : leaf;
}

int pod_uplinks(const Fabric& fabric) {
  if (!has_pods(fabric)) return 0;
  const double of_switch = fabric.radix / 2 / fabric.core_oversubscription.value_or(1);
  return uplinks(fabric) * static_cast<int>(std::lround(of_switch));
}

int working_core_links(const Fabric& fabric, int pod) {
  const auto& down = fabric.failed_core_links;
  return pod_uplinks(fabric) - static_cast<int>(std::count(down.begin(), down.end(), pod));
}

int switches_between(const Fabric& fabric, int gpus_per_node, int from, int to) {
  const int first = leaf_towards(fabric, gpus_per_node, from, to);
  const int last = leaf_of(fabric, gpus_per_node, to);
  if (first == last) return 1;
  return pod_of(fabric, first) == pod_of(fabric, last) ? 3 : 5;
}

Seconds further_latency(const Fabric& fabric, int gpus_per_node, int from, int to) {
  return fabric.hop_latency * (switches_between(fabric, gpus_per_node, from, to) - 1.0);
}

int most_nodes(const Fabric& fabric, int gpus_per_node) {
  const int beside = leaves_of_node(fabric, gpus_per_node);
  // A spine has a port for each leaf that it joins; planes have spines of their own.
  int leaves = fabric.radix;
  if (fabric.kind == FabricKind::kThreeLayerFatTree) leaves = fabric.radix * leaves_per_pod(fabric);
  if (fabric.kind == FabricKind::kRailOptimised) leaves = fabric.radix / beside;
  return leaves * nodes_per_leaf(fabric, gpus_per_node);
}

FabricSize fabric_size(const Fabric& fabric, int nodes, int gpus_per_node) {
  const int beside = leaves_of_node(fabric, gpus_per_node);
  const int groups = divided_up(nodes, nodes_per_leaf(fabric, gpus_per_node));
  const bool planes = fabric.kind == FabricKind::kMultiPlaneFatTree;
  FabricSize size = has_pods(fabric) ? three_layers(fabric, groups)
                                     : two_layers(fabric, planes ? groups : groups * beside);
  if (planes) {
    size.leaves *= beside;
    size.switches *= beside;
    size.links *= beside;
  }
  size.endpoints = nodes * gpus_per_node;
  return size;
}

Dollars fabric_cost(const FabricPrices& prices, const FabricSize& size) {
  return cost_of({prices.of_switch, prices.link, prices.endpoint}, size);
}

CostRange cost_range(const FabricPrices& prices, const FabricSize& size) {
  CostRange range{fabric_cost(prices, size), fabric_cost(prices, size)};
  for (const PriceSplit& split : prices.splits) {
    range.low = std::min(range.low, cost_of(split, size));
    range.high = std::max(range.high, cost_of(split, size));
  }
  return range;
}

BytesPerSecond rate_per_gpu(const Fabric& fabric, BytesPerSecond nic) {
  const BytesPerSecond above = fabric.link_rate * uplinks(fabric) / fabric.leaf_down;
  const double below_pod = static_cast<double>(leaves_per_pod(fabric)) * fabric.leaf_down;
  const BytesPerSecond core = fabric.link_rate * pod_uplinks(fabric) / below_pod;
  return std::min({nic, above, has_pods(fabric) ? core : nic});
}

}  // namespace windtunnel
