// The graph turned round: which rows wait for this one.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/engine/op_graph.h"

namespace windtunnel {

/// For every row the rows that wait for it, the next of its lane among them: those of row i stand
/// at begin[i] to begin[i + 1]. `waits`: for how many ops an op of the row waits.
struct Successors {
  std::vector<std::int32_t> begin;
  std::vector<RowId> rows;
  std::vector<std::int32_t> waits;
};

Successors successors(const OpGraph& graph);

}  // namespace windtunnel
