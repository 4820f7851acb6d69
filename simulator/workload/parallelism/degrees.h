// Whether degrees of parallelism divide a cluster and a model.
#pragma once

#include "simulator/base/node.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// Throws ConfigError at the key below `parallelism` of `root` (the scenario as written) that does
/// not divide the GPUs, the data ranks, a node or the experts, or is not modelled.
void check_degrees(const Node& root, const Scenario& scenario);

}  // namespace windtunnel
