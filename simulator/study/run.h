// A run is a fold over steps: the batch grows, then stays.
#pragma once

#include <functional>

#include "simulator/analysis/projection.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

/// Time of one step of `schedule` with so many micro-batches a pipeline.
using StepTime = std::function<Seconds(const ScheduleKind& schedule, int micro_batches)>;

/// The stages of the run: the ramp's steps that are too short for the schedule (the fallback runs
/// them), the rest of the ramp, and the full batch. Over the ramp the batch grows linearly with the
/// tokens seen, in whole micro-batches a pipeline that the schedule can run; the step time between
/// two simulated counts of the same schedule is linear, as it is in the steady state.
/// GPU hours are divided by the scenario's uptime and, of its failures, the goodput; intervals are
/// left equal to the values. Asks for step times on up to `threads` threads.
RunProjection fold_run(const Scenario& scenario, const StepTime& step_time, int threads = 1);

}  // namespace windtunnel
