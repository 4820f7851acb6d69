// Why a run stopped before its end.
#pragma once

#include <string>

#include "simulator/engine/op_graph.h"
#include "simulator/engine/timeline.h"

namespace windtunnel {

/// A time that is not known: what the ends of ops are before they end.
inline constexpr Picoseconds kNever{-1};

/// Names the first op that never ends, what it waits for, what that waits for, and so on until the
/// circle closes or nothing is left to wait for; at least one end must be kNever.
std::string deadlock_message(const OpGraph& graph, const Timeline& timeline);

}  // namespace windtunnel
