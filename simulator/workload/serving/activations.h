// What an iteration of serving holds beside weights and cache.
#pragma once

#include <vector>

#include "simulator/workload/memory.h"
#include "simulator/workload/serving/memory.h"

namespace windtunnel {

/// The tensors that live at once on a GPU in the fullest iteration: the residual stream, the widest
/// layer, eager scores (`score_bytes` each), logits, and the vision encoder's.
std::vector<MemoryPart> activation_parts(const ServingScenario& scenario, const ServingUnit& unit,
                                         const GroupWork& work, double score_bytes);

}  // namespace windtunnel
