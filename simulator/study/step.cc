#include "simulator/study/step.h"

#include <algorithm>

#include "simulator/engine/run.h"
#include "simulator/workload/expert_load.h"
#include "simulator/workload/rank_speed.h"

namespace windtunnel {

int folded_members(const Scenario& scenario) {
  const std::optional<RoutingSkew>& routing = scenario.skew.routing;
  const bool uneven = scenario.assumptions.routing_deviation.value > 0 ||
                      (routing.has_value() && is_skewed(*routing));
  const int apart = static_cast<int>(straggling_ranks(scenario).size());
  return std::min((uneven ? kRepresentatives : 1) + apart, expert_data_ranks(scenario));
}

SimulatedStep simulate_step(const StepPlan& plan, int members, const Progress& progress) {
  constexpr double kLowering = 0.4;  // of the time
  TrainingStep step = lower(plan, members, within(progress, 0, kLowering));
  Timeline timeline = run(step.graph, within(progress, kLowering, 1));
  return {.step = std::move(step), .timeline = std::move(timeline)};
}

Seconds folded_step_time(const Scenario& scenario, const PriceBook& book,
                         const ScheduleKind& schedule, int micro_batches) {
  const PricedStep priced = price_step(scenario, book, schedule);
  const StepPlan plan = step_plan(scenario, priced, schedule, micro_batches);
  return to_seconds(simulate_step(plan, folded_members(scenario)).timeline.makespan);
}

}  // namespace windtunnel
