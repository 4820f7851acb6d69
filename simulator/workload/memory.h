// The memory ledger of a training rank: what lies in its HBM at the fullest moment of a step.
#pragma once

#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

struct MemoryPart {
  std::string name;
  Bytes bytes;
  std::string why;  ///< the formula in words
};

struct RankMemory {
  int rank;
  Bytes total;
  std::vector<MemoryPart> parts;
};

/// What a GPU keeps of a layer from its forward to its backward pass of a micro-batch, part by
/// part, under the scenario's recipe (layer_ops.h).
std::vector<MemoryPart> kept_activations(const Architecture& model, const Layer& layer,
                                         const Scenario& scenario);

/// The ledger of every pipeline rank for a step of `micro_batches` under `schedule`.
std::vector<RankMemory> memory(const Scenario& scenario, const ScheduleKind& schedule,
                               int micro_batches);

}  // namespace windtunnel
