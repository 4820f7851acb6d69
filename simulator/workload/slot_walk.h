// A closer lower bound on a step's time than least_step: every slot in its place, none before its
// rank's last one and its inputs. The reasons are those of step_bound.h; a walk over the slots is a
// hundred times quicker than the engine over their ops.
#pragma once

#include <span>

#include "simulator/workload/step_bound.h"

namespace windtunnel {

/// No step of `kind` in `shape`, which has no problem, is shorter; the update is left out.
Picoseconds least_walk(const ScheduleKind& kind, const ScheduleShape& shape,
                       std::span<const StageTimes> stages);

}  // namespace windtunnel
