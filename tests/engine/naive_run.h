// The engine's specification in the plainest form: steps from event to event, looks at every op
// each time, and computes with fractions.
#pragma once

#include <optional>

#include "simulator/engine/op_graph.h"
#include "simulator/engine/timeline.h"

namespace windtunnel {

/// What run() must answer; nullopt for a deadlock. For few ops: fractions grow.
std::optional<Timeline> naive_run(const OpGraph& graph);

}  // namespace windtunnel
