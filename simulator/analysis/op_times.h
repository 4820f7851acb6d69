// An op beside what it would have been: on a usual GPU with even routing, and without the other
// half of its pair.
#pragma once

#include "simulator/workload/training_step.h"

namespace windtunnel {

/// `even`: without load, slowness and jitter; `alone`: as even, at the prices of the setting
/// without anything beside it. Ops that are not part of a block's phases have both as their work,
/// the optimizer as its price.
struct OpTimes {
  Picoseconds even;
  Picoseconds alone;
};

OpTimes op_times(const StepPlan& plan, const TrainingStep& step, std::size_t op);

/// Whether the op's slot runs two chunks beside each other.
bool is_paired(const TrainingStep& step, const OpOwner& owner);

}  // namespace windtunnel
