#include "simulator/workload/network_routes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "simulator/workload/network_folding.h"

namespace windtunnel {
namespace {

constexpr std::size_t kTrafficCount = std::size(kTraffics);

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// The segments above each member of a pipeline rank, where they are one a leaf and pod.
std::vector<std::set<int>> segments_above(const Segments& segments, const StepPlan& plan,
                                          int rank) {
  const NetworkShape& network = *plan.network;
  std::vector<std::set<int>> above(at(plan.data_ranks));
  for (int member = 0; member < plan.data_ranks; ++member) {
    const int first = (rank * plan.data_ranks + member) * network.gpus_per_rank;
    for (int gpu = first; gpu < first + network.gpus_per_rank; ++gpu) {
      const int leaf = leaf_of(*network.fabric, network.gpus_per_node, gpu);
      for (const bool down : {false, true}) {
        above[at(member)].insert(segments.of_leaf(leaf, 0, down));
        if (segments.pods == 0) continue;
        above[at(member)].insert(segments.of_pod(pod_of(*network.fabric, leaf), 0, down));
      }
    }
  }
  return above;
}

/// Members of rings under a segment share alike what the rings put on it; NVLink ports, from
/// `ports` on, are each member's own.
void share_rings(const std::vector<std::set<int>>& above, int ports,
                 std::span<std::vector<Crossing>> rank) {
  std::map<int, double> load;
  std::map<int, int> members;
  for (auto& list : rank) {
    for (const Crossing& crossing : list) load[crossing.segment] += crossing.share;
    std::erase_if(list, [ports](const Crossing& crossing) { return crossing.segment < ports; });
  }
  for (const auto& segments : above) {
    for (const int segment : segments) ++members[segment];
  }
  for (std::size_t member = 0; member < rank.size(); ++member) {
    for (const int segment : above[member]) {
      const auto found = load.find(segment);
      if (found == load.end()) continue;
      rank[member].push_back({segment, found->second / members[segment], 1});
    }
  }
}

/// Whose NIC carries what the GPUs of each rank exchange.
std::vector<std::vector<NicUse>> nic_uses(const StepPlan& plan) {
  const NetworkShape& network = *plan.network;
  if (network.nics.empty()) return {};
  std::vector<std::vector<NicUse>> uses;
  for (int rank = 0; rank < plan.shape.pipeline_ranks * plan.data_ranks; ++rank) {
    std::map<int, int> carried;  // GPUs by NIC
    for (int gpu = rank * network.gpus_per_rank; gpu < (rank + 1) * network.gpus_per_rank; ++gpu) {
      ++carried[network.nics[at(gpu)]];
    }
    std::map<int, int> fullest;  // NIC of each rank
    for (const auto& [nic, count] : carried) {
      int& most = fullest[nic / network.gpus_per_rank];
      most = std::max(most, count);
    }
    std::vector<NicUse>& own = uses.emplace_back();
    for (const auto& [owner, count] : fullest) own.push_back({owner, count});
  }
  return uses;
}

bool uses_own_nics(const std::vector<NicUse>& uses, std::size_t rank) {
  return uses.size() == 1 && at(uses.front().rank) == rank && uses.front().count == 1;
}

/// Traffic that the step lacks crosses nothing.
bool is_used(const StepPlan& plan, Traffic traffic) {
  const auto any_block = [&](auto draws) {
    return std::any_of(plan.blocks.begin(), plan.blocks.end(), draws);
  };
  switch (traffic) {
    case Traffic::kExperts:
      return any_block([](const BlockCost& block) { return block.routed; });
    case Traffic::kShards:
      return any_block([](const BlockCost& block) {
        return block.shard.gather.nic_demand + block.shard.reduce.nic_demand > 0;
      });
    case Traffic::kReplicas:
      return std::any_of(plan.update.begin(), plan.update.end(), [](const UpdateCost& update) {
        return update.reduce.nic_demand + update.gather.nic_demand > 0;
      });
    case Traffic::kSendsOn:
    case Traffic::kSendsBack:
      return plan.send.nic_demand > 0;
    default:
      return true;  // groups inside a node have no flows
  }
}

NetworkRoutes empty_routes(const StepPlan& plan, int members) {
  return {.pipeline_ranks = plan.shape.pipeline_ranks,
          .members = members,
          .divisor = 1,
          .alike = true,
          .capacities = {},
          .crossings = {},
          .nics = {},
          .detours = {}};
}

/// Sums of the same shares in another order are then equal.
void round_shares(NetworkRoutes& routes) {
  constexpr double kParts = 1LL << 40;
  for (auto& list : routes.crossings) {
    for (Crossing& crossing : list) crossing.share = std::round(crossing.share * kParts) / kParts;
  }
}

/// Renames segments, drops those named -1; `capacities` are those of the new names.
void rename_segments(NetworkRoutes& routes, const std::vector<std::int32_t>& names,
                     std::vector<std::int64_t> capacities) {
  for (auto& list : routes.crossings) {
    std::vector<Crossing> kept;
    for (Crossing crossing : list) {
      crossing.segment = names[at(crossing.segment)];
      if (crossing.segment >= 0) kept.push_back(crossing);
    }
    list = std::move(kept);
  }
  routes.capacities = std::move(capacities);
  sort_lists(routes);
}

}  // namespace

std::span<const Crossing> crossings_of(const NetworkRoutes& routes, Traffic traffic, int rank,
                                       int member) {
  if (routes.crossings.empty()) return {};
  const int row = static_cast<int>(traffic) * routes.pipeline_ranks + rank;
  return routes.crossings[at(row) * at(routes.members) + at(member)];
}

Picoseconds detour_of(const NetworkRoutes& routes, int rank, int to, int member) {
  if (routes.detours.empty()) return {0};
  const auto of = [&](int end) {
    return routes.detours[at(end) * at(routes.members) + at(member)];
  };
  return to < 0 ? of(rank) : of(rank) + of(to);
}

std::int64_t demand_of(const NetworkRoutes& routes, const Crossing& crossing, std::int64_t demand) {
  const auto one = static_cast<std::int64_t>(crossing.share * static_cast<double>(demand));
  return one * crossing.count / routes.divisor;
}

void sort_lists(NetworkRoutes& routes) {
  for (auto& list : routes.crossings) {
    std::sort(list.begin(), list.end(), [](const Crossing& a, const Crossing& b) {
      return std::pair(a.segment, a.share) < std::pair(b.segment, b.share);
    });
  }
}

NetworkRoutes all_routes(const StepPlan& plan) {
  NetworkRoutes routes = empty_routes(plan, plan.data_ranks);
  if (!plan.network) return routes;
  const NetworkShape& network = *plan.network;
  routes.nics = nic_uses(plan);
  for (std::size_t rank = 0; rank < routes.nics.size(); ++rank) {
    routes.detours.push_back(uses_own_nics(routes.nics[rank], rank) ? Picoseconds{0}
                                                                    : network.port_latency);
  }
  if (!network.fabric && network.nics.empty()) return routes;
  const int ranks = plan.shape.pipeline_ranks;
  const int gpus = ranks * plan.data_ranks * network.gpus_per_rank;
  const Segments segments = segments_of(network, gpus);
  routes.capacities = capacities_of(segments, gpus);
  routes.crossings.resize(kTrafficCount * at(ranks) * at(plan.data_ranks));
  const auto list_of = [&](Traffic traffic, int gpu) -> std::vector<Crossing>& {
    const std::size_t of_traffic = at(static_cast<int>(traffic)) * at(ranks) * at(plan.data_ranks);
    return routes.crossings[of_traffic + at(gpu / network.gpus_per_rank)];
  };
  const bool spread = network.fabric && network.fabric->routing == Routing::kAdaptive;
  for (const Traffic traffic : kTraffics) {
    if (!is_used(plan, traffic)) continue;
    const bool send = traffic == Traffic::kSendsOn || traffic == Traffic::kSendsBack;
    for (int gpu = 0; gpu < gpus; ++gpu) {
      // A send is one op, its sender's; in a collective each rank's op stands for both its ways.
      for (const Flow& flow : flows_of(plan, traffic, gpu)) {
        std::vector<Crossing>& sender = list_of(traffic, gpu);
        add_flow(segments, gpu, flow, sender, send ? sender : list_of(traffic, flow.to));
      }
    }
    if (!is_ring(traffic) || !spread) continue;
    for (int rank = 0; rank < ranks; ++rank) {
      std::vector<Crossing>* first =
          &list_of(traffic, rank * plan.data_ranks * network.gpus_per_rank);
      share_rings(segments_above(segments, plan, rank), segments.of_port(0, false),
                  {first, at(plan.data_ranks)});
    }
  }
  round_shares(routes);
  sort_lists(routes);
  return routes;
}

NetworkRoutes flow_routes(const NetworkShape& network, std::span<const std::vector<Flow>> flows) {
  NetworkRoutes routes{.pipeline_ranks = 1,
                       .members = static_cast<int>(flows.size()),
                       .divisor = 1,
                       .alike = true,
                       .capacities = {},
                       .crossings = std::vector<std::vector<Crossing>>(flows.size()),
                       .nics = {},
                       .detours = {}};
  const Segments segments = segments_of(network, routes.members);
  routes.capacities = capacities_of(segments, routes.members);
  for (std::size_t gpu = 0; gpu < flows.size(); ++gpu) {
    for (const Flow& flow : flows[gpu]) {
      add_flow(segments, static_cast<int>(gpu), flow, routes.crossings[gpu],
               routes.crossings[at(flow.to)]);
    }
  }
  sort_lists(routes);
  return routes;
}

NetworkRoutes without_slack(NetworkRoutes routes, std::int64_t nic_capacity) {
  std::map<std::pair<std::size_t, std::int32_t>, double> largest;  // by NIC and segment
  const std::size_t members = at(routes.members);
  const std::size_t ranks = at(routes.pipeline_ranks) * members;
  for (std::size_t list = 0; list < routes.crossings.size(); ++list) {
    const Traffic traffic = kTraffics[list / ranks];
    for (const Crossing& crossing : routes.crossings[list]) {
      const bool received = crossing.segment % 2 == 1;  // as all_routes() numbers them
      const std::size_t shift = !received                        ? 0
                                : traffic == Traffic::kSendsOn   ? members
                                : traffic == Traffic::kSendsBack ? ranks - members
                                                                 : 0;
      double& share = largest[{(list % ranks + shift) % ranks, crossing.segment}];
      share = std::max(share, crossing.share);
    }
  }
  std::vector<double> most(routes.capacities.size(), 0);  // of the NICs' capacity
  for (const auto& [key, share] : largest) most[at(key.second)] += share;
  std::vector<std::int32_t> names(routes.capacities.size(), -1);
  std::vector<std::int64_t> kept;
  for (std::size_t segment = 0; segment < names.size(); ++segment) {
    const double filled = most[segment] * static_cast<double>(nic_capacity);
    if (filled <= static_cast<double>(routes.capacities[segment]) * (1 + 1e-12)) continue;
    names[segment] = static_cast<std::int32_t>(kept.size());
    kept.push_back(routes.capacities[segment]);
  }
  if (kept.empty()) {
    routes.capacities.clear();
    routes.crossings.clear();
    return routes;
  }
  rename_segments(routes, names, std::move(kept));
  return routes;
}

namespace {

/// Members that share nothing with each other: most fabrics, found without looking at flows.
bool never_binds(const StepPlan& plan, const NetworkShape& network) {
  const Fabric& fabric = *network.fabric;
  const BytesPerSecond nic{static_cast<double>(plan.nic_capacity)};
  return fabric.routing == Routing::kAdaptive && fabric.failed_uplinks.empty() &&
         fabric.failed_core_links.empty() && network.nics.empty() &&
         rate_per_gpu(fabric, nic) >= nic;
}

}  // namespace

NetworkRoutes network_routes(const StepPlan& plan, int members) {
  if (!plan.network) return empty_routes(plan, members);
  const bool full = members == plan.data_ranks;
  NetworkShape network = *plan.network;
  if (!full) {
    network.nics.clear();
    if (network.fabric) network.fabric->routing = Routing::kAdaptive;
  }
  if (network.fabric && never_binds(plan, network)) return empty_routes(plan, members);
  StepPlan placed = plan;
  placed.network = std::move(network);
  NetworkRoutes routes = without_slack(all_routes(placed), plan.nic_capacity);
  return full ? routes : folded(routes, members);
}

}  // namespace windtunnel
