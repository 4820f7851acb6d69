// The switches between the nodes of a cluster: which GPU hangs on which leaf, how many switches and
// links that takes, and what lies between two GPUs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// Folded Clos networks: two or three layers on whole nodes, two layers for each plane (a plane's
/// switches join one NIC of every node), or two layers whose leaves each take the GPUs of one index
/// of many nodes (rails).
enum class FabricKind { kTwoLayerFatTree, kThreeLayerFatTree, kMultiPlaneFatTree, kRailOptimised };

/// How a flow finds its uplink: spread over all by load, hashed once for each pair of GPUs, or
/// fixed by its destination.
enum class Routing { kAdaptive, kEcmp, kStatic };

/// How prices are known: each published, solved from published totals of whole networks, assumed.
enum class PriceBasis { kPublished, kSolved, kAssumed };

std::string_view fabric_kind_name(FabricKind kind);
std::string_view routing_name(Routing routing);
std::string_view price_basis_name(PriceBasis basis);

/// How a total divides.
struct PriceSplit {
  Dollars of_switch;
  Dollars link;
  Dollars endpoint;
};

/// What a network costs to buy: switches, links between switches, and a NIC with its cable.
/// `splits` are others that fit what is published as well.
struct FabricPrices {
  Dollars of_switch;
  Dollars link;
  Dollars endpoint;
  PriceBasis basis;
  std::vector<PriceSplit> splits;
  std::string source;
};

/// Switches of `radix` ports, `leaf_down` of a leaf's towards GPUs and `leaf_down` /
/// `oversubscription` towards spines, each a link of `link_rate` in either direction. Of three
/// layers, half of the ports of a pod's upper switch face its leaves and that half divided by
/// `core_oversubscription` face the cores. `hop_latency` is that of each switch beyond the first.
/// `failed_uplinks` names a leaf for every uplink of it that is down, `failed_core_links` a pod for
/// every link of its upper switches to the cores.
struct Fabric {
  FabricKind kind;
  int radix;
  int leaf_down;
  double oversubscription;
  std::optional<double> core_oversubscription;
  std::optional<int> planes;
  BytesPerSecond link_rate;
  Seconds hop_latency;
  Routing routing;
  std::vector<int> failed_uplinks;
  std::vector<int> failed_core_links;
  FabricPrices prices;
  std::string source;
};

/// Leaves that the GPUs of one node hang on: one, one a plane, or one a GPU.
int leaves_of_node(const Fabric& fabric, int gpus_per_node);

/// The leaf of a GPU, counted over the leaves of the first nodes, then over the next ones'.
int leaf_of(const Fabric& fabric, int gpus_per_node, int gpu);

/// The leaf through which GPU `from` reaches GPU `to`: that of the GPU beside it with the index of
/// `to`, which sends for it (over NVLink) where planes or rails differ.
int leaf_towards(const Fabric& fabric, int gpus_per_node, int from, int to);

/// The port of its leaf that a GPU hangs on, counted from 0.
int port_of(const Fabric& fabric, int gpus_per_node, int gpu);

/// The pod of a leaf; 0 where there are no pods.
int pod_of(const Fabric& fabric, int leaf);

/// Links from a leaf to its spines, as built.
int uplinks(const Fabric& fabric);

/// Uplinks of a leaf that are up.
int working_uplinks(const Fabric& fabric, int leaf);

/// The leaf's number within its pod.
int leaf_of_pod(const Fabric& fabric, int leaf);

/// Links from a pod to the cores; 0 without pods.
int pod_uplinks(const Fabric& fabric);

/// Those of pod `pod` that are up.
int working_core_links(const Fabric& fabric, int pod);

/// Switches on the way between two GPUs of different nodes: 1 (a leaf), 3 (a spine), 5 (a core).
int switches_between(const Fabric& fabric, int gpus_per_node, int from, int to);

/// What the first byte takes beyond a single switch.
Seconds further_latency(const Fabric& fabric, int gpus_per_node, int from, int to);

/// Nodes that the fabric can join at most.
int most_nodes(const Fabric& fabric, int gpus_per_node);

/// What is bought for some nodes: `links` between switches, `endpoints` with a NIC and its cable.
struct FabricSize {
  int leaves;
  int switches;
  int links;
  int endpoints;
};

FabricSize fabric_size(const Fabric& fabric, int nodes, int gpus_per_node);

Dollars fabric_cost(const FabricPrices& prices, const FabricSize& size);

/// The least and the most that any of its splits comes to.
struct CostRange {
  Dollars low;
  Dollars high;
};

CostRange cost_range(const FabricPrices& prices, const FabricSize& size);

/// What a GPU has of the narrowest layer above it when all send at once, at the links' full rate.
BytesPerSecond rate_per_gpu(const Fabric& fabric, BytesPerSecond nic);

}  // namespace windtunnel
