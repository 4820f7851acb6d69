// Where a rank's step goes: each slot of the schedule is given the time from its first op to its
// last; what lies between slots is the bubble.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/engine/timeline.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {

/// The rows of every pipeline rank, in the order in which they were added.
struct RankOps {
  std::int32_t members;
  std::vector<std::vector<RowId>> rows;

  /// The ops of a simulated rank.
  [[nodiscard]] std::vector<OpId> of(int rank) const;
};

RankOps rank_ops(const TrainingStep& step);

/// The slots of one simulated rank, whose `ops` these are, as it ran; in order, never overlapping.
std::vector<SlotSpan> slot_spans(const TrainingStep& step, const Timeline& timeline,
                                 int pipeline_rank, std::span<const OpId> ops);

/// Every slot of member 0 of every pipeline rank as it ran, in rank and slot order; the update
/// stands as a last slot of kind "optimizer" where there is one. Spans of a rank never overlap:
/// what two neighbouring slots share (a combine still under way) belongs to the earlier one.
std::vector<SlotSpan> slot_spans(const TrainingStep& step, const Timeline& timeline);

/// The parts of one pipeline rank's step, from its spans and the step's end. They add up exactly to
/// the picosecond: the bubble is what no span covers.
StepParts step_parts(const std::vector<SlotSpan>& spans, int rank, Picoseconds makespan);

StepParts mean_parts(const std::vector<StepParts>& parts);

}  // namespace windtunnel
