#include "simulator/analysis/network.h"

#include <fmt/format.h>

#include <string>

namespace windtunnel {
namespace {

/// What the fidelity makes of flows that collide, and of ranks that are unlike each other.
std::string statement(const Scenario& scenario, bool full, bool alike) {
  if (full) return "";
  const auto& fabric = scenario.cluster.fabric;
  if (fabric && fabric->routing != Routing::kAdaptive) {
    return fmt::format(
        "folded: every uplink carries the expected load of {} routing; --fidelity full gives each "
        "flow its uplink",
        routing_name(fabric->routing));
  }
  if (alike) return "";
  return "folded: a rank waits for the fullest of the links above its kind, which are unlike; "
         "--fidelity full simulates each";
}

NetworkFabric fabric_of(const Cluster& cluster, const Fabric& fabric) {
  const FabricSize size = fabric_size(fabric, cluster.nodes, cluster.gpus_per_node);
  const CostRange range = cost_range(fabric.prices, size);
  const Dollars cost = fabric_cost(fabric.prices, size);
  return {.kind = std::string(fabric_kind_name(fabric.kind)),
          .routing = std::string(routing_name(fabric.routing)),
          .oversubscription = fabric.oversubscription,
          .switches = size.switches,
          .links = size.links,
          .endpoints = size.endpoints,
          .most_endpoints = most_nodes(fabric, cluster.gpus_per_node) * cluster.gpus_per_node,
          .rate_per_gpu = rate_per_gpu(fabric, cluster.scale_out.peak),
          .failed_uplinks = static_cast<int>(fabric.failed_uplinks.size()),
          .cost = cost,
          .cost_per_endpoint = cost / size.endpoints,
          .source = fabric.source,
          .cost_source = fabric.prices.source,
          .cost_basis = std::string(price_basis_name(fabric.prices.basis)),
          .cost_low = range.low,
          .cost_high = range.high,
          .failed_core_links = static_cast<int>(fabric.failed_core_links.size())};
}

}  // namespace

std::optional<NetworkProjection> network_projection(const Scenario& scenario, bool full,
                                                    bool alike) {
  const Cluster& cluster = scenario.cluster;
  if (!cluster.fabric && cluster.failed_nics.empty()) return std::nullopt;
  NetworkProjection network{.fabric = std::nullopt,
                            .failed_nics = static_cast<int>(cluster.failed_nics.size()),
                            .assumption = statement(scenario, full, alike)};
  if (cluster.fabric) network.fabric = fabric_of(cluster, *cluster.fabric);
  return network;
}

std::optional<NetworkProjection> network_projection(const ServingScenario& scenario) {
  const Cluster& cluster = scenario.cluster;
  if (!cluster.fabric) return std::nullopt;
  return NetworkProjection{.fabric = fabric_of(cluster, *cluster.fabric),
                           .failed_nics = 0,
                           .assumption = "all units of the deployment transfer at once"};
}

}  // namespace windtunnel
