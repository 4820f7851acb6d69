#include "simulator/workload/rank_routes.h"

#include <vector>

namespace windtunnel {
namespace {

/// A transfer's way through a member's NIC (those of its neighbours where that is down).
void add_nic_shares(const RankGraph& build, int rank, int member,
                    ResourceId RankResources::*direction, std::int64_t demand,
                    std::vector<Share>& shares) {
  const auto at = static_cast<std::size_t>(rank * build.step.members + member);
  if (build.routes.nics.empty()) {
    shares.push_back({build.resources[at].*direction, demand});
    return;
  }
  for (const NicUse& use : build.routes.nics[at]) {
    const RankResources& owner = build.resources[static_cast<std::size_t>(use.rank)];
    shares.push_back({owner.*direction, demand * use.count});
  }
}

/// Its way through the switches; crossings of one segment follow each other.
void add_crossings(const RankGraph& build, int rank, int member, Traffic traffic,
                   std::int64_t demand, std::vector<Share>& shares) {
  std::int32_t last = -1;
  for (const Crossing& crossing : crossings_of(build.routes, traffic, rank, member)) {
    const std::int64_t own = demand_of(build.routes, crossing, demand);
    if (own == 0) continue;
    if (crossing.segment == last) {
      shares.back().demand += own;
    } else {
      last = crossing.segment;
      shares.push_back({build.segments[static_cast<std::size_t>(last)], own});
    }
  }
}

std::vector<Share> shares_of_use(const RankGraph& build, const RouteUse& use, int member) {
  std::vector<Share> shares;
  if (use.nic_demand > 0) {
    const int to = use.to == kNone ? use.rank : use.to;
    add_nic_shares(build, use.rank, member, &RankResources::nic_out, use.nic_demand, shares);
    add_nic_shares(build, to, member, &RankResources::nic_in, use.nic_demand, shares);
    add_crossings(build, use.rank, member, use.traffic, use.nic_demand, shares);
  }
  const auto at = static_cast<std::size_t>(use.rank * build.step.members + member);
  if (use.sms > 0) shares.push_back({build.resources[at].sms, use.sms});
  return shares;
}

}  // namespace

std::int32_t routes_of(RankGraph& build, const RouteUse& use) {
  if (use.nic_demand == 0 && use.sms == 0) return kNone;
  const auto [found, fresh] = build.routes_of_use.try_emplace(use, kNone);
  if (!fresh) return found->second;
  std::vector<RouteId> routes;
  for (int member = 0; member < build.step.members; ++member) {
    routes.push_back(build.step.graph.add_route(shares_of_use(build, use, member)));
  }
  found->second = build.step.graph.add_member_routes(routes);
  return found->second;
}

}  // namespace windtunnel
