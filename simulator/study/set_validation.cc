#include "simulator/study/set_validation.h"

#include <algorithm>
#include <optional>

#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/step.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

Scenario scenario_of(const PublishedSet& set, const SetRun& run) {
  try {
    return load_scenario(beside(set.scenario), run.changes);
  } catch (const ConfigError& error) {
    throw error.with_note({"in this run of a set", run.place});
  }
}

Seconds projected_time(const Scenario& scenario, const PriceBook& book) {
  const int count = micro_batches(scenario, scenario.batch.sequences);
  return folded_step_time(scenario, book, main_schedule(scenario), count);
}

ComparisonRow row_of(const PublishedSet& set, const SetRun& run, Seconds projected) {
  return {.model = set.model,
          .quantity = "step_s of " + run.name,
          .unit = "s",
          .published = run.measured.value,
          .projected = projected.value,
          .low = {},
          .high = {},
          .error = projected / run.measured - 1,
          .tolerance = {},
          .provenance = "a folded step",
          .source = set.source,
          .comparable = true,
          .reason = "",
          .set = set.model};
}

void add_file(std::vector<std::filesystem::path>& files, const std::filesystem::path& file) {
  const auto path = file.lexically_normal();
  if (std::find(files.begin(), files.end(), path) == files.end()) files.push_back(path);
}

}  // namespace

ValidatedSet validate_set(const PublishedSet& set, const PriceBook& book, int threads,
                          const Progress& progress) {
  const std::vector<SetRun> runs = set_runs(set);
  std::vector<std::optional<ComparisonRow>> rows(runs.size());
  std::vector<std::vector<std::filesystem::path>> files(runs.size());
  WorkCount count(progress, static_cast<int>(runs.size()));
  parallel_for(static_cast<int>(runs.size()), threads, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    const Scenario scenario = scenario_of(set, runs[i]);
    rows[i] = row_of(set, runs[i], projected_time(scenario, book));
    files[i] = scenario.files;
    count.finish_one();
  });
  ValidatedSet result{.summary = {}, .runs = {}, .files = {}};
  add_file(result.files, set.scenario.source.file->path);
  add_file(result.files, beside(set.runs));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    result.runs.push_back(std::move(*rows[i]));
    for (const auto& file : files[i]) add_file(result.files, file);
  }
  result.summary = set_summary({.model = set.model,
                                .source = set.source,
                                .target = set.target,
                                .tolerance = set.tolerance,
                                .missed = set.missed.value_or("")},
                               result.runs);
  return result;
}

}  // namespace windtunnel
