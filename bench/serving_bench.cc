// A million requests through a deployment: one group of GPUs, and units of their own for prompts.
#include <benchmark/benchmark.h>

#include "simulator/study/serving_load.h"

namespace windtunnel {
namespace {

constexpr const char* kRoot = WINDTUNNEL_SOURCE_DIR;

void served_requests(benchmark::State& state, const char* name) {
  ServingScenario scenario =
      load_serving(std::string(kRoot) + "/scenarios/deepseek-v3/" + name + ".toml", {});
  scenario.requests.count = state.range(0);
  const PriceBook book = load_price_book(kRoot);
  std::int64_t served = 0;
  for (auto _ : state) {
    ServingPrices prices(book, scenario);
    served += serving_load(prices, scenario, serving_memory(scenario), serving_requests(scenario))
                  .requests;
  }
  state.SetItemsProcessed(served);
}
BENCHMARK_CAPTURE(served_requests, one_group, "serve-h200")
    ->Arg(1'000'000)
    ->Iterations(1)
    ->Repetitions(3)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(served_requests, units, "serve-units")
    ->Arg(1'000'000)
    ->Iterations(1)
    ->Repetitions(3)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace windtunnel
