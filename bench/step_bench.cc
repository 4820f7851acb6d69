// The time from a scenario file to a simulated step: loading, pricing, lowering, running.
#include <benchmark/benchmark.h>

#include "simulator/study/step.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

constexpr const char* kRoot = WINDTUNNEL_SOURCE_DIR;

Scenario load_v3() {
  return load_scenario(std::string(kRoot) + "/scenarios/deepseek-v3/pretrain.toml", {});
}

void folded_v3_step_with_loading(benchmark::State& state) {
  for (auto _ : state) {
    const Scenario scenario = load_v3();
    const PriceBook book = load_price_book(kRoot);
    benchmark::DoNotOptimize(folded_step_time(scenario, book, main_schedule(scenario),
                                              micro_batches(scenario, scenario.batch.sequences)));
  }
}
BENCHMARK(folded_v3_step_with_loading)
    ->Iterations(5)
    ->Repetitions(3)
    ->Unit(benchmark::kMillisecond);

/// One rank for all data ranks alike: argument 1; representatives of an uneven group: 4; all: 128.
void simulated_v3_step(benchmark::State& state) {
  const Scenario scenario = load_v3();
  const PriceBook book = load_price_book(kRoot);
  const ScheduleKind& schedule = main_schedule(scenario);
  const StepPlan plan = step_plan(scenario, price_step(scenario, book, schedule), schedule,
                                  micro_batches(scenario, scenario.batch.sequences));
  std::int64_t ops = 0;
  for (auto _ : state) {
    const SimulatedStep step = simulate_step(plan, static_cast<int>(state.range(0)));
    ops += static_cast<std::int64_t>(op_count(step.step.graph));
  }
  state.SetItemsProcessed(ops);
}
BENCHMARK(simulated_v3_step)->Arg(1)->Arg(4)->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(simulated_v3_step)->Arg(128)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace windtunnel
