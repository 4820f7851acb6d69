// One overlapped slot by itself: what DeepSeek's published profile shows. It is a part of
// DualPipe, not a step, and therefore stands outside the table of schedules.
#pragma once

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

/// A forward chunk of one micro-batch beside the backward chunk of another, on one rank.
const ScheduleKind& overlapped_pair();

}  // namespace windtunnel
