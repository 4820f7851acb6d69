// How time and memory of the full step grow with the ranks of the cluster and with the
// micro-batches: V3's step with expert groups of 16 (so that 256 ranks can have them), every rank
// simulated. Each size runs in a process of its own, whose peak is its own; seconds are those of
// the processor. The exponents are those that fit best (1 = linear).
//
//     scaling_bench [largest number of ranks, a power of two from 256 on; 16384]
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "simulator/study/step.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

constexpr int kGpusPerNode = 8;
constexpr int kPipelineRanks = 16;

struct Size {
  int ranks;
  int micro_batches;
};

/// What a size took.
struct Cost {
  Size size;
  double ops;
  double seconds;
  double bytes;
};

Scenario scenario_of(const Size& size) {
  const int data = size.ranks / kPipelineRanks;
  const std::string sequences = std::to_string(data * size.micro_batches);
  const std::string file =
      std::string(WINDTUNNEL_SOURCE_DIR) + "/scenarios/deepseek-v3/pretrain.toml";
  return load_scenario(file, {{"cluster.nodes", std::to_string(size.ranks / kGpusPerNode)},
                              {"parallelism.expert", "16"},
                              {"batch.sequences", sequences},
                              {"batch.ramp_sequences", sequences}});
}

/// Runs the step and leaves its ops and seconds in `result`.
void simulate(const Size& size, std::array<double, 2>& result) {
  const Scenario scenario = scenario_of(size);
  const PriceBook book = load_price_book(WINDTUNNEL_SOURCE_DIR);
  const ScheduleKind& schedule = main_schedule(scenario);
  const StepPlan plan =
      step_plan(scenario, price_step(scenario, book, schedule), schedule, size.micro_batches);
  const std::clock_t begin = std::clock();
  const SimulatedStep step = simulate_step(plan, data_ranks(scenario));
  const std::clock_t ticks = std::clock() - begin;
  result = {static_cast<double>(op_count(step.step.graph)),
            static_cast<double>(ticks) / CLOCKS_PER_SEC};
}

Cost measure(const Size& size) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) std::exit(70);
  const pid_t child = fork();
  if (child < 0) std::exit(70);
  if (child == 0) {
    std::array<double, 2> result{};
    simulate(size, result);
    const auto written = write(pipe[1], result.data(), sizeof(result));
    std::_Exit(written == sizeof(result) ? 0 : 70);
  }
  close(pipe[1]);
  std::array<double, 2> result{};
  const auto got = read(pipe[0], result.data(), sizeof(result));
  close(pipe[0]);
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child || status != 0 || got != sizeof(result)) {
    fmt::print(stderr, "scaling_bench: {} ranks did not end well\n", size.ranks);
    std::exit(70);
  }
  return {.size = size,
          .ops = result[0],
          .seconds = result[1],
          .bytes = static_cast<double>(usage.ru_maxrss) * 1024};
}

/// The slope of log(cost) over log(ops), by least squares.
double exponent(const std::vector<Cost>& costs, double Cost::*cost) {
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;
  for (const Cost& each : costs) {
    const double log_ops = std::log(each.ops);
    const double log_cost = std::log(each.*cost);
    x += log_ops;
    y += log_cost;
    xx += log_ops * log_ops;
    xy += log_ops * log_cost;
  }
  const double n = static_cast<double>(costs.size());
  return (n * xy - x * y) / (n * xx - x * x);
}

std::vector<Cost> measure_all(const std::vector<Size>& sizes) {
  std::vector<Cost> costs;
  for (const Size& size : sizes) {
    const Cost cost = measure(size);
    fmt::print("{:>8} {:>14} {:>10.2f} {:>8.2f} {:>8.2f} {:>8.1f} {:>8.0f}\n", size.ranks,
               size.micro_batches, cost.ops / 1e6, cost.seconds, cost.bytes / (1 << 30),
               cost.ops / cost.seconds / 1e6, cost.bytes / cost.ops);
    std::fflush(stdout);
    costs.push_back(cost);
  }
  fmt::print("exponent of time {:.3f}, of memory {:.3f}\n\n", exponent(costs, &Cost::seconds),
             exponent(costs, &Cost::bytes));
  return costs;
}

}  // namespace
}  // namespace windtunnel

int main(int count, char** arguments) {
  using namespace windtunnel;
  const int largest = count > 1 ? std::atoi(arguments[1]) : 16384;
  if (count > 2 || largest < 256 || (largest & (largest - 1)) != 0) {
    fmt::print(stderr, "usage: scaling_bench [ranks, a power of two from 256 on]\n");
    return 2;
  }
  fmt::print("{:>8} {:>14} {:>10} {:>8} {:>8} {:>8} {:>8}\n", "ranks", "micro-batches", "M ops",
             "s", "GiB", "M ops/s", "bytes/op");
  std::vector<Size> by_ranks;
  for (int ranks = 256; ranks <= largest; ranks *= 2) by_ranks.push_back({ranks, 120});
  measure_all(by_ranks);
  std::vector<Size> by_batches;
  for (int batches = 60; batches <= 480; batches *= 2) by_batches.push_back({1024, batches});
  measure_all(by_batches);
  return 0;
}
