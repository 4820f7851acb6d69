// One training step with everything that explains it, for those who draw or export its timeline.
#pragma once

#include "simulator/analysis/step_parts.h"
#include "simulator/study/simulation.h"
#include "simulator/study/step.h"

namespace windtunnel {

/// The step of `scenario`, simulated; prices and plan as it ran, and the ops of every rank.
/// `members` simulated ranks stand for the data ranks of a pipeline rank (all of them: full).
struct TracedStep {
  Scenario scenario;
  PricedStep priced;
  StepPlan plan;
  SimulatedStep simulated;
  RankOps ranks;
  bool full;
};

/// Throws ConfigError as simulate() does.
TracedStep trace_step(const Scenario& scenario, const SimulationOptions& options);

}  // namespace windtunnel
