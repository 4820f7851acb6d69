// The causes of a step's length, and what improving each would save.
#pragma once

#include "simulator/analysis/projection.h"
#include "simulator/analysis/step_causes.h"
#include "simulator/hardware/price_book.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// What an improved cause takes of its time.
inline constexpr double kImproved = 0.9;

/// The folded plan of `scenario`'s full batch with every price of the cause's class, or its waste,
/// a tenth less: gaps and launches that much shorter, routing, speeds and jitter that much nearer
/// to even, NICs that much faster for what shares them.
StepPlan improved_plan(const Scenario& scenario, const PricedStep& priced, const Cause& cause);

/// The same with all transfers over one kind of link (kScaleOut, kScaleUp) a tenth shorter.
StepPlan faster_links(const Scenario& scenario, const PricedStep& priced, bool scale_out);

/// The causes with their savings: folded steps of what folds of the scenario, scaled to the step
/// that took `causes.total`, and to `gpu_hours` of the run.
CriticalProjection critical(const Scenario& scenario, const PricedStep& priced,
                            const StepCauses& causes, double gpu_hours, int threads);

}  // namespace windtunnel
