// What the network between nodes leaves the units of a deployment.
//
// Units stand one after another from the cluster's first GPU, those that decode before those that
// prefill. Transfers of a unit begin together and are alike, so that of the GPUs that send D bytes
// per second each, those on the segment with the largest load L share one speed C / (L D) from the
// first byte to the last, and no other is slower: what max-min fair sharing gives for the whole
// transfer follows from the loads.
#pragma once

#include "simulator/workload/network_routes.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// Expert transfers of one hop, of two hops (the first to the GPU of one's place), and rings of
/// attention groups.
enum class UnitTraffic { kDirect, kTwoHops, kRing };

/// Bytes per second that a GPU sends to other nodes: `together` while all units of the deployment
/// transfer, `alone` while only its own does. Of a group of GPUs that of the slowest.
struct NetworkRate {
  BytesPerSecond together;
  BytesPerSecond alone;
};

/// The NIC's own rate, which nothing narrows.
NetworkRate whole_nic(const Cluster& cluster);

/// What is left to the slowest group of `ranks` GPUs with such traffic, beside units with their
/// own; the whole NIC without a fabric. Where some units only prefill, those transfer in two hops
/// and the others in one.
NetworkRate network_rate(const ServingScenario& scenario, UnitTraffic traffic, int ranks);

/// GPU `first` begins the `index`-th unit of the scenario's first kind (`prefill` false) or second.
int first_gpu(const ServingScenario& scenario, bool prefill, int index);

}  // namespace windtunnel
