// The end of a step: gradients are reduced, the optimizer runs, parameters are gathered.
#pragma once

#include "simulator/workload/rank_graph.h"

namespace windtunnel {

/// Adds the update of every rank behind all ops so far. Ranks that hold the same stages reduce and
/// gather together; no rank updates before all have their gradients (the global norm).
void add_updates(RankGraph& build);

}  // namespace windtunnel
