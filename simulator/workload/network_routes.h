// What the transfers of a step share beyond NICs: the links of a fabric between its layers, as
// segments with a capacity, and how much of each transfer crosses which.
//
// A transfer of rank A is charged for what A sends on the way up (its leaf's links to the spines,
// its pod's to the cores) and for what A receives on the way down, as its NIC is both ways; so
// every flow is counted once on each segment. Under adaptive routing a flow spreads over all
// uplinks of its leaf and these are one segment; under ECMP and static routing each is a segment of
// its own, and two flows that chose the same one share it.
//
// A segment never binds, and is left out, where even the NICs could not fill it: a transfer's
// demand on it is at most a share c of its demand on its NIC, hence with C_n the NIC's capacity
//
//     sum of demands x speeds <= sum over ranks of (largest c) C_n
//
// and a segment of at least that capacity can't be what limits any op. What is left out so changes
// no max-min fair speed: the set of allowed speeds is the same without it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/workload/network_flows.h"
#include "simulator/workload/network_segments.h"
#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// `count` of a rank's GPUs send through one NIC of simulated rank `rank`.
struct NicUse {
  std::int32_t rank;
  std::int32_t count;
};

/// The segments that may bind (bytes per second) and what crosses them: `crossings` by traffic,
/// pipeline rank and member, each list by rising segment; a simulated member is `divisor`th part of
/// what its list says. `nics` by simulated rank where a NIC is down, else empty, and with them
/// `detours`, how much later the bytes of each arrive that go over NVLink to another's NIC.
/// `alike`: a folded step has the time of the full one, all members of a pipeline rank meeting the
/// same.
struct NetworkRoutes {
  int pipeline_ranks;
  int members;
  int divisor;
  bool alike;
  std::vector<std::int64_t> capacities;
  std::vector<std::vector<Crossing>> crossings;
  std::vector<std::vector<NicUse>> nics;
  std::vector<Picoseconds> detours;
};

/// What a transfer of a simulated rank crosses.
std::span<const Crossing> crossings_of(const NetworkRoutes& routes, Traffic traffic, int rank,
                                       int member);

/// What a transfer of a simulated rank takes longer for the way to the NIC that carries it, and
/// from that which carries what pipeline rank `to` receives (-1: it stays within its own).
Picoseconds detour_of(const NetworkRoutes& routes, int rank, int to, int member);

/// The bytes per second that a transfer draws from a segment, of `demand` from its NIC.
std::int64_t demand_of(const NetworkRoutes& routes, const Crossing& crossing, std::int64_t demand);

/// Every segment that anything crosses, for all ranks of the cluster.
NetworkRoutes all_routes(const StepPlan& plan);

/// What the GPUs of a cluster cross that all send at once, `flows[g]` being those of GPU g: each is
/// the member of its number of one pipeline rank, and the traffic the first kind.
NetworkRoutes flow_routes(const NetworkShape& network, std::span<const std::vector<Flow>> flows);

/// What all_routes() gave, without the segments that can never bind.
NetworkRoutes without_slack(NetworkRoutes routes, std::int64_t nic_capacity);

/// Brings the crossings of a segment side by side.
void sort_lists(NetworkRoutes& routes);

/// The routes of a step of `members`. A folded one spreads flows evenly, whatever the routing (the
/// expected load of each uplink), and knows nothing of failed NICs.
NetworkRoutes network_routes(const StepPlan& plan, int members);

}  // namespace windtunnel
