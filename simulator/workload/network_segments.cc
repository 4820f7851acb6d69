#include "simulator/workload/network_segments.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "simulator/base/random.h"
#include "simulator/engine/op_graph.h"

namespace windtunnel {
namespace {

std::size_t slot(std::int64_t index) { return static_cast<std::size_t>(index); }

bool spreads(const NetworkShape& network) { return network.fabric->routing == Routing::kAdaptive; }

/// The way that a flow takes between two leaves, and between their pods.
struct Ways {
  int leaf;
  int pod;
};

/// Of `working` links from each upper switch, the numbered one of those that both pods have left.
int core_way(const Fabric& fabric, int from_pod, int to_pod, int way) {
  const int working =
      std::min(working_core_links(fabric, from_pod), working_core_links(fabric, to_pod));
  return working > 0 ? way % working : 0;
}

Ways ways_of(const Segments& segments, int from, int to) {
  const Fabric& fabric = *segments.network.fabric;
  if (spreads(segments.network)) return {0, 0};
  const int node = segments.network.gpus_per_node;
  const int first = leaf_towards(fabric, node, from, to);
  const int last = leaf_of(fabric, node, to);
  const int working = std::min(working_uplinks(fabric, first), working_uplinks(fabric, last));
  const int above = std::max(1, pod_uplinks(fabric) / uplinks(fabric));
  const auto ways = [&](int way, int core) -> Ways {
    return {way, core_way(fabric, pod_of(fabric, first), pod_of(fabric, last), way * above + core)};
  };
  if (fabric.routing == Routing::kStatic) {
    // A destination has one way down from every spine and core (InfiniBand's d-mod-k).
    return ways(port_of(fabric, node, to) % working, leaf_of_pod(fabric, last) % above);
  }
  constexpr std::uint64_t kHashSeed = 4791;  // UDP port of RoCE; any number
  const std::uint64_t hash =
      mix(kHashSeed, static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to));
  return ways(static_cast<int>(hash % static_cast<std::uint64_t>(working)),
              static_cast<int>((hash >> 32) % static_cast<std::uint64_t>(above)));
}

/// The NICs between which a flow travels: where one is down, the carrier's index at both ends.
std::pair<int, int> nics_of(const NetworkShape& network, int from, int to) {
  if (network.nics.empty()) return {from, to};
  const int node = network.gpus_per_node;
  const int own = network.nics[slot(from)];
  const int index = (own != from ? own : network.nics[slot(to)]) % node;
  return {from - from % node + index, to - to % node + index};
}

void add_crossing(std::vector<Crossing>& list, int segment, double share) {
  for (Crossing& crossing : list) {
    if (crossing.segment != segment) continue;
    crossing.share += share;
    return;
  }
  list.push_back({segment, share, 1});
}

/// A flow whose NIC is down goes over NVLink to its carrier, and comes from there.
void add_detours(const Segments& segments, int from, const Flow& flow,
                 std::vector<Crossing>& sender, std::vector<Crossing>& receiver) {
  const std::vector<int>& nics = segments.network.nics;
  if (nics.empty()) return;
  if (const int carrier = nics[slot(from)]; carrier != from) {
    add_crossing(sender, segments.of_port(from, false), flow.share);
    add_crossing(sender, segments.of_port(carrier, true), flow.share);
  }
  if (const int carrier = nics[slot(flow.to)]; carrier != flow.to) {
    add_crossing(receiver, segments.of_port(carrier, false), flow.share);
    add_crossing(receiver, segments.of_port(flow.to, true), flow.share);
  }
}

}  // namespace

Segments segments_of(const NetworkShape& network, int gpus) {
  Segments segments{.network = network, .leaves = 0, .ways = 1, .pods = 0, .pod_ways = 1};
  if (!network.fabric) return segments;
  const Fabric& fabric = *network.fabric;
  const int nodes = (gpus + network.gpus_per_node - 1) / network.gpus_per_node;
  segments.leaves = fabric_size(fabric, nodes, network.gpus_per_node).leaves;
  if (!spreads(network)) segments.ways = uplinks(fabric);
  if (fabric.kind != FabricKind::kThreeLayerFatTree) return segments;
  segments.pods = pod_of(fabric, segments.leaves - 1) + 1;
  if (!spreads(network)) segments.pod_ways = std::max(1, pod_uplinks(fabric));
  return segments;
}

std::vector<std::int64_t> capacities_of(const Segments& segments, int gpus) {
  std::vector<std::int64_t> capacities;
  const NetworkShape& network = segments.network;
  const auto add = [&](int ways, int working) {
    const double rate = network.fabric->link_rate.value * (spreads(network) ? working : 1);
    capacities.insert(capacities.end(), slot(2 * ways),
                      std::max<std::int64_t>(std::llround(rate), kMinCapacity));
  };
  for (int leaf = 0; leaf < segments.leaves; ++leaf) {
    add(segments.ways, working_uplinks(*network.fabric, leaf));
  }
  for (int pod = 0; pod < segments.pods; ++pod) {
    add(segments.pod_ways, working_core_links(*network.fabric, pod));
  }
  if (network.nics.empty()) return capacities;
  capacities.insert(capacities.end(), slot(2 * gpus), network.port_capacity);
  return capacities;
}

void add_flow(const Segments& segments, int from, const Flow& flow, std::vector<Crossing>& sender,
              std::vector<Crossing>& receiver) {
  const NetworkShape& network = segments.network;
  add_detours(segments, from, flow, sender, receiver);
  if (!network.fabric) return;
  const auto [source, target] = nics_of(network, from, flow.to);
  const int first = leaf_towards(*network.fabric, network.gpus_per_node, source, target);
  const int last = leaf_of(*network.fabric, network.gpus_per_node, target);
  if (first == last) return;
  const Ways ways = ways_of(segments, source, target);
  add_crossing(sender, segments.of_leaf(first, ways.leaf, false), flow.share);
  add_crossing(receiver, segments.of_leaf(last, ways.leaf, true), flow.share);
  const int from_pod = pod_of(*network.fabric, first);
  const int to_pod = pod_of(*network.fabric, last);
  if (from_pod == to_pod) return;
  add_crossing(sender, segments.of_pod(from_pod, ways.pod, false), flow.share);
  add_crossing(receiver, segments.of_pod(to_pod, ways.pod, true), flow.share);
}

}  // namespace windtunnel
