// What lies between the nodes of a scenario, what it costs, and what a step assumes about it.
#pragma once

#include <optional>

#include "simulator/analysis/projection.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// The network of the nodes that `scenario` uses; nothing where its cluster has no fabric and all
/// NICs work. `full`: every rank is simulated; `alike`: the members of a folded step meet the same.
std::optional<NetworkProjection> network_projection(const Scenario& scenario, bool full,
                                                    bool alike);

/// That of a deployment's cluster, in whole.
std::optional<NetworkProjection> network_projection(const ServingScenario& scenario);

}  // namespace windtunnel
