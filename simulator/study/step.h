// One training step, simulated: the unit that runs, sweeps and sensitivities are made of.
#pragma once

#include "simulator/engine/timeline.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/step_pricing.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {

/// A step's graph and what the engine made of it.
struct SimulatedStep {
  TrainingStep step;
  Timeline timeline;
};

/// Ranks that stand for an expert group when its load is uneven (routing_load.h).
inline constexpr int kRepresentatives = 4;

/// Simulated ranks a pipeline rank: 1 where all data ranks are alike, a few representatives of an
/// unevenly loaded expert group and its stragglers one by one, or all of the group.
int folded_members(const Scenario& scenario);

/// Throws UsageError or ConfigError where a folded step (not `full`) can't stand for the scenario's
/// ranks, and where so many ranks would be too many ops to simulate.
void check_step(const Scenario& scenario, bool full, int members);

/// Of a folded step with stragglers: that of the expert group that takes longer, theirs or another.
/// `shelf`, here and below: where to find loads that were drawn before; null for nowhere.
SimulatedStep simulate_step(const StepPlan& plan, int members, const Progress& progress = {},
                            LoadShelf* shelf = nullptr);

/// Prices and simulates a folded step; its time.
Seconds folded_step_time(const Scenario& scenario, const PriceBook& book,
                         const ScheduleKind& schedule, int micro_batches,
                         LoadShelf* shelf = nullptr);

}  // namespace windtunnel
