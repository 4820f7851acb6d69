// The graph turned round: which ops wait for this one.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/engine/op_graph.h"

namespace windtunnel {

/// For every op the ops that wait for it, the next of its lane among them: those of op i stand at
/// begin[i] to begin[i + 1].
struct Successors {
  std::vector<std::int32_t> begin;
  std::vector<OpId> ops;
};

/// Turns the graph round, and counts in `waits` (in place of a time) what every op waits for.
Successors successors(const OpGraph& graph, std::vector<Picoseconds>& waits);

}  // namespace windtunnel
