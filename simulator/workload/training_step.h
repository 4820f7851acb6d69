// Lowers a priced step to the engine's graph: one op a phase of a layer of a micro-batch on a rank.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/base/progress.h"
#include "simulator/engine/op_graph.h"
#include "simulator/model/phase.h"
#include "simulator/workload/step_plan.h"

namespace windtunnel {

enum class OpKind : std::uint8_t {
  kCompute,
  kDispatch,
  kCombine,
  kSend,
  kGradient,
  kUpdate,
  kTensor,
  kContext,
  kShard,
  kHost,  ///< launches kernels: on no stream of the GPU
};

/// About how many ops a layer of a micro-batch takes on one rank, for limits on the size of a
/// graph.
inline constexpr double kOpsPerLayer = 11;

inline constexpr std::int32_t kNoSlot = -1;  ///< ops after the last slot: the optimizer's

inline constexpr std::int16_t kNoBlock = -1;

/// Who an op belongs to: the simulated rank and its slot in the schedule; where it is part of a
/// block, which phase of which of the plan's blocks.
struct OpOwner {
  std::int32_t rank;
  std::int32_t slot;
  OpKind kind;
  Phase phase = Phase::kAttentionForward;
  std::int16_t block = kNoBlock;
};
static_assert(sizeof(OpOwner) == 12);  // there are ten million of them

/// `members` simulated ranks stand for the data ranks of each pipeline rank; simulated rank
/// p * members + m is member m of pipeline rank p and runs `slots[p]`.
struct TrainingStep {
  OpGraph graph;
  std::vector<OpOwner> owners;  ///< one an op
  std::vector<RankSlots> slots;
  int pipeline_ranks;
  int members;
};

/// The graph of one step. `members` is 1 (every data rank alike: exact without routing spread),
/// `plan.data_ranks` (every rank of the cluster), or a number in between that stands for an expert
/// group: ranks `plan.skew.apart` as they are, last, and before them quantiles of the others' load
/// (routing_load.h).
TrainingStep lower(const StepPlan& plan, int members, const Progress& progress = {});

}  // namespace windtunnel
