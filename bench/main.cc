// windtunnel-bench: kernels on this GPU, or on the device model.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "bench/cases/cases.h"
#include "bench/device.h"
#include "bench/harness/code_hash.h"
#include "bench/harness/database.h"
#include "bench/harness/figures.h"
#include "bench/harness/google_benchmark.h"
#include "bench/harness/json.h"
#include "bench/harness/measurement_folder.h"
#include "bench/harness/options.h"
#include "bench/harness/program.h"
#include "bench/harness/table.h"
#include "simulator/base/text_file.h"

namespace windtunnel::bench {
namespace {

std::string root() {
  const char* chosen = std::getenv("WINDTUNNEL_ROOT");
  return chosen != nullptr ? chosen : WINDTUNNEL_SOURCE_DIR;
}

void write_text(const std::string& path, const std::string& text) {
  if (path == "-") {
    fmt::print("{}", text);
    return;
  }
  write_file_atomically(path, text);
}

ProgramEnd run_model(const std::vector<Case>& chosen) {
  std::vector<ModelResult> results;
  bool wrong = false;
  const auto same = [](const Case& item) {
    return [&](const ModelResult& it) {
      return it.item.tiny == item.tiny && it.item.implementation == item.implementation;
    };
  };
  for (const Case& item : chosen) {
    if (std::any_of(results.begin(), results.end(), same(item))) continue;
    results.push_back(run_on_model(item));
    wrong |= !results.back().wrong.empty() || !results.back().launched.failure.empty();
  }
  fmt::print("modelled, not run: counts at tiny shapes, no times and no clocks\n\n{}",
             model_table(results));
  return wrong ? ProgramEnd::kWrong : ProgramEnd::kFine;
}

ProgramEnd run_check(const GpuDevice& gpu, const std::vector<Case>& chosen, bool tiny) {
  bool wrong = false;
  for (const Case& item : chosen) {
    const std::string difference = gpu.check(item, tiny);
    fmt::print("{}: {}\n", case_name(item), difference.empty() ? "right" : "WRONG: " + difference);
    wrong |= !difference.empty();
  }
  return wrong ? ProgramEnd::kWrong : ProgramEnd::kFine;
}

Result measure(const GpuDevice& gpu, const Figures& figures, const Options& options,
               const Case& item) {
  fmt::print(stderr, "{}\n", case_name(item));
  const GpuFigures* known = find_gpu(figures, gpu.machine.gpu);
  // For an unknown GPU the floor only decides how many launches a sample is made of.
  const Roof roof = known != nullptr ? known->datasheet : figures.gpus.front().datasheet;
  Result result{.item = item, .plan = {}, .collected = {}, .wrong = gpu.check(item, false)};
  if (!result.wrong.empty()) return result;
  result.plan = plan_samples(options.regime, floor_time(item.shape, roof), {gpu.footprint(item)},
                             gpu.machine.l2, options.launches);
  result.collected = collect(result.plan, gpu.machine.default_mhz, gpu.sampler(item, result.plan));
  return result;
}

void write_results(const Options& options, const Run& run, const Figures& figures,
                   const std::vector<Result>& results, const std::string& google_json) {
  if (!options.json.empty()) write_text(options.json, results_json(run, figures, results));
  if (!options.google_json.empty()) write_text(options.google_json, google_json);
  if (!options.database.empty()) append_to_database(options.database, run, results);
  if (!options.measurements.empty()) {
    const auto files = measurement_files(run, results);
    if (files.empty()) {
      fmt::print(stderr, "{}", no_folder_text(run.machine.device));
    }
    write_files(options.measurements, files);
  }
}

OverlapResult overlap_of(const GpuDevice& gpu, const OverlapPair& pair) {
  fmt::print(stderr, "{}\n", pair_name(pair));
  try {
    return {.pair = pair, .times = gpu.overlap(pair), .note = {}};
  } catch (const std::runtime_error& error) {
    return {.pair = pair, .times = {}, .note = error.what()};
  }
}

ProgramEnd run_overlap(const Options& options, const GpuDevice& gpu, const Run& run) {
  std::vector<OverlapResult> results;
  for (const OverlapPair& pair : overlap_pairs(gpu.machine.sms)) {
    results.push_back(overlap_of(gpu, pair));
  }
  fmt::print("{}", overlap_table(run, results));
  if (!options.measurements.empty()) {
    write_files(options.measurements, overlap_files(run, results));
  }
  return ProgramEnd::kFine;
}

ProgramEnd run_gpu(const Options& options, const std::vector<Case>& chosen) {
  std::string why;
  auto gpu = open_gpu(why);
  if (!gpu) {
    fmt::print(stderr,
               "windtunnel-bench: no GPU to measure on: {}\n"
               "  --device model runs every kernel on the CPU, without times\n",
               why);
    return ProgramEnd::kMissing;
  }
  gpu->machine.gpu = gpu_id(gpu->machine.device);
  if (options.check) return run_check(*gpu, chosen, options.tiny);
  const Figures figures = load_figures(root() + "/bench");
  const Run run{.machine = gpu->machine,
                .commit = WINDTUNNEL_COMMIT,
                .code = code_around(reinterpret_cast<const void*>(&open_gpu)),
                .date = today(),
                .regime = options.regime};
  if (options.overlap) return run_overlap(options, *gpu, run);
  std::ostringstream google_json;
  const std::vector<Result> results = run_benchmarks(
      chosen, run, [&](const Case& item) { return measure(*gpu, figures, options, item); },
      google_json);
  if (options.json != "-") fmt::print("{}", gpu_table(run, figures, results));
  write_results(options, run, figures, results, google_json.str());
  for (const Result& result : results) {
    if (!result.wrong.empty()) return ProgramEnd::kWrong;
  }
  return ProgramEnd::kFine;
}

ProgramEnd run(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments);
  if (!options.help.empty()) {
    fmt::print("{}", options.help);
    return ProgramEnd::kFine;
  }
  std::vector<Case> all = cases();
  if (options.device == On::kGpu) {
    const std::vector<Case> others = yardsticks();
    all.insert(all.end(), others.begin(), others.end());
  }
  const std::vector<Case> chosen = filtered(all, options.filter);
  if (options.list) {
    for (const Case& item : chosen) fmt::print("{}\n", case_name(item));
    return ProgramEnd::kFine;
  }
  return options.device == On::kModel ? run_model(chosen) : run_gpu(options, chosen);
}

}  // namespace
}  // namespace windtunnel::bench

int main(int count, char** arguments) {
  return windtunnel::bench::run_program("windtunnel-bench", count, arguments,
                                        windtunnel::bench::run);
}
