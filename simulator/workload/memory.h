// The memory ledger of a training rank: what lies in its HBM at the fullest moment of a step.
#pragma once

#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/stages.h"

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

/// Activations that one chunk of `stage` holds.
Bytes stage_activations(const Scenario& scenario, const Stage& stage);

/// The layer that runs: its expanded rows, with all its activations where they are computed again;
/// and, where they are gathered for it, its parameters and the next one's.
struct LayerWorkspace {
  Bytes rows;
  Bytes gathered;
};

LayerWorkspace layer_workspace(const Scenario& scenario);

/// Parameters of a rank, and those of them that learn.
struct HeldParameters {
  StageParameters all;
  StageParameters learning;
};

/// A rank's ledger in numbers.
struct LedgerBytes {
  Bytes weights;
  Bytes gradients;
  Bytes optimizer;
  Bytes activations;
  Bytes workspace;
  Bytes fragmentation;
  Bytes reserved;
};

constexpr Bytes total(const LedgerBytes& bytes) {
  return bytes.weights + bytes.gradients + bytes.optimizer + bytes.activations + bytes.workspace +
         bytes.fragmentation + bytes.reserved;
}

/// Of a rank that holds `copies` of the parameters and `activations` at the fullest moment.
LedgerBytes ledger_bytes(const Scenario& scenario, const HeldParameters& held, int copies,
                         Bytes activations, const LayerWorkspace& layer);

/// The ledger of every pipeline rank for a step of `micro_batches` under `schedule`.
std::vector<RankMemory> memory(const Scenario& scenario, const ScheduleKind& schedule,
                               int micro_batches);

}  // namespace windtunnel
