// Which ops, one after another without a gap, made a run as long as it was.
//
// Back from the op that ended last: an op started when its group was complete, so that the path
// goes on with the member that came last; that one was ready when the last of its inputs, or the op
// before it on its lane, had ended, and the path goes on there. Start and end of neighbours are
// equal, and the first op starts with the run: the lengths add up to the makespan to the
// picosecond.
#pragma once

#include <vector>

#include "simulator/engine/op_graph.h"
#include "simulator/engine/timeline.h"

namespace windtunnel {

/// Why an op of the path started no earlier than the one before it ended.
enum class PathLink {
  kStart,  ///< nothing: the run began
  kInput,  ///< its own input ended
  kLane,   ///< its inputs were there; it queued behind the op before it on its lane
  kGroup,  ///< another member of its group came last
};

/// An op of the path, and what it waited for. The path goes on behind the last member of its group.
struct PathOp {
  OpId op;
  PathLink binding;
};

/// The path in order of time; of predecessors that end together, an input before the lane's, then
/// the one added first. Empty without ops.
std::vector<PathOp> critical_path(const OpGraph& graph, const Timeline& timeline);

}  // namespace windtunnel
