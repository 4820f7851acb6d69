// Communication that compute hides, and communication that it does not.
#pragma once

#include "simulator/analysis/projection.h"
#include "simulator/engine/timeline.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {

/// Totals by kind and of the phases of compute, mean over the simulated ranks. A transfer is
/// exposed while its rank's compute stream runs nothing, compute while its communication stream
/// does; hidden_fraction = 1 - exposed / total of all transfers (1 where nothing is communicated).
CommunicationProjection overlap(const StepPlan& plan, const TrainingStep& step,
                                const Timeline& timeline);

}  // namespace windtunnel
