// Plans that a search disposes of in a second of one core: rejected, ruled out by a bound, or
// simulated. And whether its memory grows with their number.
#include <benchmark/benchmark.h>

#include <limits>

#include "simulator/study/inputs.h"
#include "simulator/study/training_plans.h"

namespace windtunnel {
namespace {

constexpr const char* kRoot = WINDTUNNEL_SOURCE_DIR;
constexpr double kFree = std::numeric_limits<double>::infinity();

TrainingPlanSpec shipped(const std::string& file) {
  return load_training_plan(std::string(kRoot) + "/scenarios/plans/" + file);
}

void search(benchmark::State& state, const TrainingPlanSpec& spec, int threads) {
  const PriceBook book = load_price_book(kRoot);
  std::int64_t plans = 0;
  std::int64_t simulated = 0;
  for (auto _ : state) {
    TrainingPlans space(spec, book);
    const PlanSearch found =
        search_plans(space.space(), {.objective = 0,
                                     .top = 10,
                                     .limits = {kFree, kFree, kFree, space.memory_limit()},
                                     .names = {"gpu_hours", "days", "usd", "memory"},
                                     .threads = threads});
    plans += found.plans;
    simulated += found.evaluated;
  }
  state.SetItemsProcessed(plans);
  state.counters["plans"] = static_cast<double>(plans);
  state.counters["simulated"] = static_cast<double>(simulated);
}

/// A GPT of 1.3 B on 8 GPUs, and DeepSeek-V3 on 2048, on one and on two threads.
void dense_plans(benchmark::State& state) {
  search(state, shipped("gpt-a100.toml"), static_cast<int>(state.range(0)));
}
BENCHMARK(dense_plans)->Arg(1)->Arg(2)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

void v3_plans(benchmark::State& state) {
  search(state, shipped("v3-h800.toml"), static_cast<int>(state.range(0)));
}
BENCHMARK(v3_plans)->Arg(1)->Arg(2)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

/// 155,520 plans: the front, which has to be simulated whatever the number of plans, takes less of
/// the time.
void many_v3_plans(benchmark::State& state) {
  TrainingPlanSpec spec = shipped("v3-h800.toml");
  spec.vary.pipeline = {2, 4, 8, 16, 32};
  spec.vary.virtual_stages = {1, 2, 4};
  spec.vary.tensor = {1, 2, 4, 8};
  spec.vary.sequence_parallel = {true, false};
  spec.vary.expert = {8, 16, 32, 64, 128, 256};
  spec.vary.zero_stage = {0, 1, 2, 3};
  spec.vary.micro_batch = {1, 2, 4};
  search(state, spec, static_cast<int>(state.range(0)));
}
BENCHMARK(many_v3_plans)->Arg(1)->Arg(2)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

/// Screening alone: a million plans of the first space over and over, in ten parts, and by how much
/// the process is larger after the last of them than after the first.
void memory_of_a_million(benchmark::State& state) {
  const PriceBook book = load_price_book(kRoot);
  TrainingPlans space(shipped("gpt-a100.toml"), book);
  const PlanSpace plans = space.space();
  std::int64_t screened = 0;
  for (auto _ : state) {
    double first = 0;
    for (int part = 0; part < 10; ++part) {
      for (const std::int64_t end = (part + 1) * std::int64_t{100'000}; screened < end;) {
        for (std::int64_t block = 0; block < plans.blocks; ++block) {
          screened += static_cast<std::int64_t>(plans.screen(block).size());
        }
      }
      if (part == 0) first = peak_rss().value;
    }
    state.counters["growth_MB"] = (peak_rss().value - first) / 1e6;
  }
  state.SetItemsProcessed(screened);
}
BENCHMARK(memory_of_a_million)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace windtunnel
