// An op beside what it would have been: on a usual GPU with even routing, and without the other
// half of its pair.
#pragma once

#include <cstdint>

#include "simulator/workload/training_step.h"

namespace windtunnel {

/// `even`: without load, slowness and jitter; `alone`: as even, at the prices of the setting
/// without anything beside it. Ops that are not part of a block's phases have both as their work,
/// the optimizer as its price.
struct OpTimes {
  Picoseconds even;
  Picoseconds alone;
};

OpTimes op_times(const StepPlan& plan, const TrainingStep& step, OpId op);

/// Bytes per second that a transfer or collective draws from its GPU's NIC; 0 inside a node and for
/// compute.
std::int64_t nic_demand(const StepPlan& plan, const TrainingStep& step, const RowOwner& owner);

/// Whether the op's slot runs two chunks beside each other.
bool is_paired(const TrainingStep& step, const RowOwner& owner);

}  // namespace windtunnel
