// The routes of a folded step: one member, or a few, for all of a pipeline rank.
#pragma once

#include "simulator/workload/network_routes.h"

namespace windtunnel {

/// `members` simulated ranks for those of each pipeline rank: a member crosses what all of them do,
/// on one of the segments that are alike. Where members are unlike each other it meets the segments
/// of all, and so waits for the slowest: near the full step, and no bound of it.
NetworkRoutes folded(const NetworkRoutes& full, int members);

}  // namespace windtunnel
