// Runs a graph of ops: the time at which everything happens.
#pragma once

#include "simulator/base/progress.h"
#include "simulator/engine/op_graph.h"
#include "simulator/engine/timeline.h"

namespace windtunnel {

/// When every op is ready, starts and ends; the same graph always gives the same timeline. Throws
/// std::logic_error with the ops concerned if some can never start: their inputs form a circle with
/// each other, lanes or groups, or a group lacks members.
/// `progress` is told now and then which share of the ops has ended.
Timeline run(const OpGraph& graph, const Progress& progress = {});

}  // namespace windtunnel
