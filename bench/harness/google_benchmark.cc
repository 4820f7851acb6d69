#include "bench/harness/google_benchmark.h"

#include <benchmark/benchmark.h>

#include <iostream>

namespace windtunnel::bench {
namespace {

/// Only sampling knows how many samples will be accepted, so a benchmark is one iteration that
/// takes their median; the samples themselves are in our document.
void replay(benchmark::State& state, const Result& result) {
  const auto summary = summarize_ns(result.collected.samples);
  const std::string reason = !result.wrong.empty() ? "wrong: " + result.wrong : "no result";
  if (!summary) {
    state.SkipWithError(reason.c_str());
    return;
  }
  for (auto unused : state) state.SetIterationTime(summary->median * 1e-9);
  const Work needed = work(result.item.shape);
  const double seconds = summary->median * 1e-9;
  state.counters["samples"] = static_cast<double>(summary->n);
  state.counters["noise"] = summary->noise;
  state.counters["mhz"] = summarize_mhz(result.collected.samples)->median;
  state.counters["flops_per_second"] = needed.flops.value / seconds;
  state.counters["bytes_per_second"] = needed.bytes.value / seconds;
}

/// The context is the program's, once a process.
void add_context(const Run& run) {
  benchmark::AddCustomContext("gpu", run.machine.device);
  benchmark::AddCustomContext("driver", run.machine.driver);
  benchmark::AddCustomContext("cuda", run.machine.cuda);
  benchmark::AddCustomContext("commit", run.commit);
  benchmark::AddCustomContext("regime", std::string(regime_name(run.regime)));
}

}  // namespace

std::vector<Result> run_benchmarks(std::span<const Case> cases, const Run& run,
                                   const Measure& measure, std::ostream& json) {
  std::vector<Result> results;
  benchmark::ClearRegisteredBenchmarks();
  for (const Case& item : cases) {
    benchmark::RegisterBenchmark(case_name(item).c_str(),
                                 [&results, &measure, &item](benchmark::State& state) {
                                   results.push_back(measure(item));
                                   replay(state, results.back());
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMicrosecond);
  }
  add_context(run);
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&json);
  reporter.SetErrorStream(&std::cerr);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::ClearRegisteredBenchmarks();
  return results;
}

}  // namespace windtunnel::bench
