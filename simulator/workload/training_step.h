// Lowers a priced step to the engine's graph: one op a phase of a layer of a micro-batch on a rank.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/base/progress.h"
#include "simulator/engine/op_graph.h"
#include "simulator/model/phase.h"
#include "simulator/workload/member_loads.h"
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

inline constexpr std::uint16_t kNoBlock = 0xffff;  ///< of sends and of the update

/// Whom a row of ops belongs to: the pipeline rank, its slot in the schedule, and the phase of the
/// block that stands at `position` in the forward order of its chunk's stage. Of a send, the phase
/// says whether activations or gradients move; of the update's collectives, kAttentionWeight is the
/// reduction of the gradients.
struct RowOwner {
  std::int32_t pipeline_rank;
  std::int32_t slot;
  OpKind kind;
  Phase phase = Phase::kAttentionForward;
  std::uint16_t position = kNoBlock;
};

/// `members` simulated ranks stand for the data ranks of each pipeline rank; simulated rank
/// p * members + m is member m of pipeline rank p and runs `slots[p]`. The graph's members are
/// these, so that each row is all of a pipeline rank's.
struct TrainingStep {
  OpGraph graph;
  std::vector<RowOwner> owners;  ///< one a row
  std::vector<RankSlots> slots;
  int pipeline_ranks;
  int members;
};

/// The owner of an op's row.
inline const RowOwner& owner_of(const TrainingStep& step, OpId op) {
  return step.owners[static_cast<std::size_t>(row_of(step.graph, op))];
}

/// The simulated rank whose op it is.
inline std::int32_t rank_of(const TrainingStep& step, OpId op) {
  return owner_of(step, op).pipeline_rank * step.members + member_of(step.graph, op);
}

/// The block that a row is part of, as an index into `plan.blocks`; kNone of sends and the update.
std::int32_t block_of(const StepPlan& plan, const TrainingStep& step, const RowOwner& owner);

/// The graph of one step. `members` is 1 (every data rank alike: exact without routing spread),
/// `plan.data_ranks` (every rank of the cluster), or a number in between that stands for an expert
/// group: ranks `plan.skew.apart` as they are, last, and before them quantiles of the others' load
/// (routing_load.h). `shelf`: where to find loads that were drawn before.
TrainingStep lower(const StepPlan& plan, int members, const Progress& progress = {},
                   LoadShelf* shelf = nullptr);

}  // namespace windtunnel
