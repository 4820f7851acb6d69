// The ideal pipeline: a schedule with durations by stage, one lane a rank, free communication.
#pragma once

#include <span>

#include "simulator/engine/op_graph.h"
#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

/// How long a slot takes. In an overlapped pair of unlike stages each saves half of what
/// overlapping saves it with itself: F + B' - ((F + B - F&B) + (F' + B' - F&B')) / 2, a half
/// rounded towards 0.
Picoseconds slot_time(const Slot& slot, std::span<const SlotDurations> stages);

/// The graph of a step without communication: one lane a rank, one op a slot, numbered by rank,
/// then in the rank's order. `stages` holds one entry a stage of the model; `shape` has no problem.
OpGraph lower_slots(const ScheduleKind& kind, const ScheduleShape& shape,
                    std::span<const SlotDurations> stages);

}  // namespace windtunnel
