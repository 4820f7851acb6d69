#include "simulator/workload/serving/unit_network.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace windtunnel {
namespace {

/// `gpus` GPUs from `first` on that step together, in groups of `group` with such traffic.
struct PlacedUnit {
  int first;
  int gpus;
  int group;
  UnitTraffic traffic;
};

/// What a unit transfers while another has `asked` to be looked at: of units that only decode or
/// prefill each its own kind, and beside rings of attention groups their rings.
UnitTraffic traffic_beside(const ServingScenario& scenario, UnitTraffic asked, bool prefill) {
  if (asked == UnitTraffic::kRing || !scenario.prefill_unit) return asked;
  return prefill ? UnitTraffic::kTwoHops : UnitTraffic::kDirect;
}

int group_size(const ServingUnit& unit, UnitTraffic traffic) {
  if (traffic == UnitTraffic::kRing) return unit.tensor;
  return groups_of(unit) > 1 ? unit.gpus : 1;  // one attention group dispatches nothing
}

std::vector<PlacedUnit> placed_units(const ServingScenario& scenario, UnitTraffic asked) {
  std::vector<PlacedUnit> units;
  const auto add = [&](const ServingUnit& unit, bool prefill) {
    const UnitTraffic traffic = traffic_beside(scenario, asked, prefill);
    for (int i = 0; i < unit.count; ++i) {
      units.push_back({.first = first_gpu(scenario, prefill, i),
                       .gpus = unit.gpus,
                       .group = group_size(unit, traffic),
                       .traffic = traffic});
    }
  };
  add(scenario.unit, false);
  if (scenario.prefill_unit) add(*scenario.prefill_unit, true);
  return units;
}

/// Spread evenly, one hop and two load every segment alike; and the more flows there are, the less
/// does it matter which way each of them takes.
bool counts_as_two_hops(const Fabric& fabric, int group) {
  constexpr int kManyFlows = 2048;
  return fabric.routing == Routing::kAdaptive || group > kManyFlows;
}

std::vector<Flow> flows_of_gpu(const Cluster& cluster, const PlacedUnit& unit, int gpu) {
  const int first = gpu - (gpu - unit.first) % unit.group;
  const int node = cluster.gpus_per_node;
  if (unit.traffic == UnitTraffic::kRing) return ring_flows(first, unit.group, node, gpu);
  if (unit.traffic == UnitTraffic::kDirect && !counts_as_two_hops(*cluster.fabric, unit.group)) {
    return direct_flows(first, unit.group, node, gpu);
  }
  return all_to_all_flows(first, unit.group, node, gpu);
}

NetworkRoutes routes_of_units(const ServingScenario& scenario,
                              const std::vector<PlacedUnit>& units) {
  const Cluster& cluster = scenario.cluster;
  std::vector<std::vector<Flow>> flows(static_cast<std::size_t>(gpu_count(scenario)));
  for (const PlacedUnit& unit : units) {
    for (int gpu = unit.first; gpu < unit.first + unit.gpus; ++gpu) {
      flows[static_cast<std::size_t>(gpu)] = flows_of_gpu(cluster, unit, gpu);
    }
  }
  return flow_routes({.fabric = cluster.fabric,
                      .gpus_per_node = cluster.gpus_per_node,
                      .gpus_per_rank = 1,
                      .tensor = 1,
                      .expert_gpus = 1,
                      .nics = {},
                      .expert_share = {}},
                     flows);
}

/// Shares of a GPU's bytes that a unit's GPUs put on each segment.
std::vector<double> loads_of(const NetworkRoutes& routes, const PlacedUnit& unit) {
  std::vector<double> loads(routes.capacities.size(), 0);
  for (int gpu = unit.first; gpu < unit.first + unit.gpus; ++gpu) {
    for (const Crossing& crossing : crossings_of(routes, Traffic::kExperts, 0, gpu)) {
      loads[static_cast<std::size_t>(crossing.segment)] += crossing.share * crossing.count;
    }
  }
  return loads;
}

/// Where nothing can bind there is nothing to look at.
bool leaves_the_nic(const Cluster& cluster) {
  if (!cluster.fabric) return true;
  const Fabric& fabric = *cluster.fabric;
  return fabric.routing == Routing::kAdaptive && fabric.failed_uplinks.empty() &&
         fabric.failed_core_links.empty() &&
         rate_per_gpu(fabric, cluster.scale_out.peak) >= cluster.scale_out.peak;
}

}  // namespace

NetworkRate whole_nic(const Cluster& cluster) {
  return {cluster.scale_out.peak, cluster.scale_out.peak};
}

int first_gpu(const ServingScenario& scenario, bool prefill, int index) {
  const ServingUnit& unit = scenario.unit;
  if (!prefill) return index * unit.gpus;
  return unit.count * unit.gpus + index * scenario.prefill_unit->gpus;
}

NetworkRate network_rate(const ServingScenario& scenario, UnitTraffic traffic, int ranks) {
  NetworkRate slowest = whole_nic(scenario.cluster);
  if (leaves_the_nic(scenario.cluster)) return slowest;
  const std::vector<PlacedUnit> units = placed_units(scenario, traffic);
  const NetworkRoutes routes = routes_of_units(scenario, units);
  std::vector<std::vector<double>> own;
  std::vector<double> all(routes.capacities.size(), 0);
  for (const PlacedUnit& unit : units) {
    own.push_back(loads_of(routes, unit));
    for (std::size_t segment = 0; segment < all.size(); ++segment) {
      all[segment] += own.back()[segment];
    }
  }
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    if (units[unit].group != ranks || units[unit].traffic != traffic) continue;
    for (std::size_t segment = 0; segment < all.size(); ++segment) {
      if (own[unit][segment] <= 0) continue;
      const auto capacity = static_cast<double>(routes.capacities[segment]);
      slowest.together = std::min(slowest.together, BytesPerSecond{capacity / all[segment]});
      slowest.alone = std::min(slowest.alone, BytesPerSecond{capacity / own[unit][segment]});
    }
  }
  return slowest;
}

}  // namespace windtunnel
