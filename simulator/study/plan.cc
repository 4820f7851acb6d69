#include "simulator/study/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/inputs.h"
#include "simulator/study/plan_choice.h"
#include "simulator/study/plan_report.h"
#include "simulator/study/plan_settings.h"
#include "simulator/study/sensitivity.h"
#include "simulator/study/serving_plans.h"
#include "simulator/study/step.h"
#include "simulator/study/training_plans.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// Hours, days and money move by the run's relative interval.
std::array<Interval, kObjectives> training_intervals(const Scenario& scenario,
                                                     const PriceBook& book, const Objectives& takes,
                                                     const SensitivityOptions& options) {
  const Sensitivity shifts = sensitivity(scenario, book, options);
  std::array<Interval, kObjectives> intervals{};
  for (std::size_t i = 0; i < kObjectives; ++i) {
    intervals[i] = {.value = takes[i],
                    .low = takes[i] * (1 - std::min(1.0, shifts.run_low)),
                    .high = takes[i] * (1 + shifts.run_high)};
  }
  intervals.back() = exact(peak_of(scenario).value);
  return intervals;
}

void check_same_model(const Scenario& marked, const Scenario& base, const Source& place) {
  if (marked.model.name == base.model.name) return;
  throw ConfigError(
      place, fmt::format("a plan for {} among those for {}", marked.model.name, base.model.name),
      "a scenario of the same model");
}

/// What the scenario says of itself only.
std::vector<std::string> left_out(const std::filesystem::path& base) {
  const Node root = load_toml(base);
  std::vector<std::string> keys;
  for (const char* key : {"ranges", "stages.alternatives", "stages.vision"}) {
    if (find_node(root, key) != nullptr) keys.emplace_back(key);
  }
  return keys;
}

std::vector<PlanQuantity> training_quantities(const TrainingPlanSpec& spec, double memory) {
  const TrainingLimits limits = spec.limits.value_or(TrainingLimits{});
  return {{"gpu_hours", "hours", limits.gpu_hours.value_or(kNoLimit)},
          {"days", "days", limits.days.value_or(kNoLimit)},
          {"usd", "USD", limits.usd.value_or(Dollars{kNoLimit}).value},
          {"memory", "bytes", memory}};
}

PlanResult find_training_plan(const TrainingPlanSpec& spec, const PlanOptions& options) {
  const auto prices = std::make_shared<const PriceBook>(load_price_book(options.root));
  const PriceBook& book = *prices;
  const auto plans = std::make_shared<TrainingPlans>(spec, book);
  const auto quantities = training_quantities(spec, plans->memory_limit());
  const PlanSearch found = search_plans(plans->space(), search_options(spec, quantities, options));
  const auto settings_of = [plans, varies = !spec.vary.nodes.empty()](std::int64_t index) {
    return training_settings(plans->scenario_of(index), varies);
  };
  PlanReport report =
      report_of(spec, found, false, quantities, [&](const FoundPlan& plan) -> PlanRow {
        go_on(options.stopped);
        const Scenario scenario = plans->scenario_of(plan.index);
        PlanRow row{.index = plan.index,
                    .choices = settings_of(plan.index),
                    .takes = training_intervals(scenario, book, plan.takes,
                                                {.threads = options.threads,
                                                 .step = plans->full_step(plan.index, scenario),
                                                 .shelf = &plans->loads()}),
                    .front = false,
                    .tied = false};
        if (!spec.clusters.empty()) {
          row.choices.insert(row.choices.begin(),
                             {"cluster", plans->cluster_of(plan.index)->stem().string()});
        }
        return row;
      });
  std::vector<std::filesystem::path> files;
  for (const Scenario& base : plans->bases()) {
    files.insert(files.end(), base.files.begin(), base.files.end());
  }
  std::vector<Cluster> clusters;
  for (const Scenario& base : plans->bases()) clusters.push_back(base.cluster);
  for (const PlanMark& mark : spec.marks) {
    const Scenario scenario = load_scenario(beside(mark.scenario), {});
    go_on(options.stopped);
    check_alike(scenario, mark.scenario.source);
    check_same_model(scenario, plans->bases().front(), mark.scenario.source);
    files.insert(files.end(), scenario.files.begin(), scenario.files.end());
    report.marks.push_back(marked(
        spec, report, mark,
        training_intervals(scenario, book, training_objectives(scenario, book, &plans->loads()),
                           {.threads = options.threads, .shelf = &plans->loads()}),
        elsewhere(scenario.cluster, clusters)));
  }
  report.left_out = left_out(beside(spec.scenario));
  report.inputs = input_files(all_files(spec, files), options.root);
  PlanResult result{.report = std::move(report), .best_scenario = {}};
  if (found.best.empty()) return result;
  result.best_scenario = [prices, plans, spec, settings_of,
                          index = found.best.front().index](const std::filesystem::path& folder) {
    return settings_file(spec.name + ": the best plan", beside(spec.scenario),
                         plans->cluster_of(index), settings_of(index), folder);
  };
  return result;
}

}  // namespace

PlanResult find_plan(const std::filesystem::path& spec, const PlanOptions& options) {
  if (!plans_serving(spec)) return find_training_plan(load_training_plan(spec), options);
  return find_serving_plan(load_serving_plan(spec), options);
}

}  // namespace windtunnel
