#include "simulator/study/traced_step.h"

#include <utility>

#include "simulator/workload/stages.h"

namespace windtunnel {

TracedStep trace_step(const Scenario& scenario, const SimulationOptions& options) {
  const ScheduleKind& schedule = main_schedule(scenario);
  const PriceBook book = load_price_book(options.root, options.measurements);
  PricedStep priced = price_step(scenario, book, schedule);
  const bool full = options.fidelity == Fidelity::kFull;
  const int members = full ? data_ranks(scenario) : folded_members(scenario);
  check_step(scenario, full, members);
  StepPlan plan =
      step_plan(scenario, priced, schedule, micro_batches(scenario, scenario.batch.sequences));
  SimulatedStep simulated = simulate_step(plan, members, options.progress);
  RankOps ranks = rank_ops(simulated.step);
  return {.scenario = scenario,
          .priced = std::move(priced),
          .plan = std::move(plan),
          .simulated = std::move(simulated),
          .ranks = std::move(ranks),
          .full = full};
}

}  // namespace windtunnel
