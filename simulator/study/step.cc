#include "simulator/study/step.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/engine/run.h"
#include "simulator/workload/expert_load.h"
#include "simulator/workload/rank_speed.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// Folded steps show what all groups have in common.
void check_foldable(const Scenario& scenario) {
  if (const auto reason = unfoldable(scenario)) {
    throw ConfigError(reason->source, reason->value + ": folded steps cannot show it",
                      "--fidelity full, or ranks that are alike");
  }
  if (scenario.cluster.failed_nics.empty()) return;
  throw ConfigError(scenario.cluster.failed_nics_at,
                    "a NIC of the cluster is down: its GPU and the one that sends for it are "
                    "unlike all others",
                    "--fidelity full, or no failed_nics");
}

void check_ranks(const Scenario& scenario, int members) {
  constexpr double kLargestGraph = 1.5e8;  // more would fill the memory before it ran
  const double ops = kOpsPerLayer * members * static_cast<double>(scenario.model.layers.size()) *
                     micro_batches(scenario, scenario.batch.sequences);
  if (ops <= kLargestGraph) return;
  throw ConfigError(scenario.cluster_at,
                    fmt::format("{:.3g} M ops are too many to simulate every rank", ops / 1e6),
                    fmt::format("up to {:.0f} M ops, or --fidelity folded", kLargestGraph / 1e6));
}

SimulatedStep simulated(const StepPlan& plan, int members, const Progress& progress,
                        LoadShelf* shelf) {
  constexpr double kLowering = 0.4;  // of the time
  TrainingStep step = lower(plan, members, within(progress, 0, kLowering), shelf);
  Timeline timeline = run(step.graph, within(progress, kLowering, 1));
  return {.step = std::move(step), .timeline = std::move(timeline)};
}

}  // namespace

int folded_members(const Scenario& scenario) {
  const std::optional<RoutingSkew>& routing = scenario.skew.routing;
  const bool uneven = scenario.assumptions.routing_deviation.value > 0 ||
                      (routing.has_value() && is_skewed(*routing));
  const int apart = static_cast<int>(straggling_ranks(scenario).size());
  return std::min((uneven ? kRepresentatives : 1) + apart, expert_data_ranks(scenario));
}

void check_step(const Scenario& scenario, bool full, int members) {
  if (!full) check_foldable(scenario);
  check_ranks(scenario, members);
}

SimulatedStep simulate_step(const StepPlan& plan, int members, const Progress& progress,
                            LoadShelf* shelf) {
  SimulatedStep slowed = simulated(plan, members, progress, shelf);
  const bool has_others = members < plan.data_ranks && plan.expert_ranks < plan.data_ranks;
  if (plan.skew.apart.empty() || !has_others) return slowed;
  // Who is late leaves shared links to others, so that its group may end before the rest does.
  StepPlan rest = plan;
  rest.skew.time_factors.clear();
  SimulatedStep others = simulated(rest, members, {}, shelf);
  return std::move(others.timeline.makespan > slowed.timeline.makespan ? others : slowed);
}

Seconds folded_step_time(const Scenario& scenario, const PriceBook& book,
                         const ScheduleKind& schedule, int micro_batches, LoadShelf* shelf) {
  const PricedStep priced = price_step(scenario, book, schedule);
  const StepPlan plan = step_plan(scenario, priced, schedule, micro_batches);
  return to_seconds(simulate_step(plan, folded_members(scenario), {}, shelf).timeline.makespan);
}

}  // namespace windtunnel
