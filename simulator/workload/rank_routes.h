// Which resources the ops of a row share: the NICs, the switches between them, and SMs.
#pragma once

#include <cstdint>

#include "simulator/workload/rank_graph.h"

namespace windtunnel {

/// The routes of all members of the rank that `use` names, as a place among the graph's; kNone
/// where nothing is shared. Added to the graph when they are asked for first.
std::int32_t routes_of(RankGraph& build, const RouteUse& use);

}  // namespace windtunnel
