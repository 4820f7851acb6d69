// Whether a scenario's schedules can run its batches on its ranks, and its stages fit them.
#pragma once

#include "simulator/base/node.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// Throws ConfigError at the key below `schedule` or `stages` of `root` (the scenario as written)
/// that names no schedule, one that cannot run, or a division into other stages than it has.
void check_schedule(const Node& root, const Scenario& scenario);

}  // namespace windtunnel
