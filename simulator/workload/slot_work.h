// What a slot of a schedule does, and which chunk is which: the lowering and the walk that bounds
// it read slots alike.
#pragma once

#include <cstddef>

#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// What a slot does with its chunks.
struct SlotWork {
  bool forward;
  bool backward;
  bool weight;
};

inline SlotWork slot_work(SlotKind kind) {
  return {.forward = has_forward(kind),
          .backward = has_backward_input(kind),
          .weight = has_weight(kind)};
}

/// A chunk's number among those of all directions, micro-batches and stages.
inline std::size_t chunk_index(const StepPlan& plan, const Chunk& chunk) {
  const auto micro_batches = static_cast<std::size_t>(plan.shape.micro_batches);
  return (static_cast<std::size_t>(chunk.direction) * micro_batches +
          static_cast<std::size_t>(chunk.micro_batch)) *
             plan.stages.size() +
         static_cast<std::size_t>(chunk.stage);
}

}  // namespace windtunnel
