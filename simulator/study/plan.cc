#include "simulator/study/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

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

/// How far the run's interval reaches below it and above it.
struct RunShifts {
  double low;
  double high;
};

RunShifts run_shifts(const Scenario& scenario, const PriceBook& book,
                     const SensitivityOptions& options) {
  const Sensitivity shifts = sensitivity(scenario, book, options);
  return {.low = std::min(1.0, shifts.run_low), .high = shifts.run_high};
}

/// Hours, days and money move by the run's relative interval.
std::array<Interval, kObjectives> training_intervals(const Objectives& takes,
                                                     const RunShifts& shifts, Bytes memory) {
  std::array<Interval, kObjectives> intervals{};
  for (std::size_t i = 0; i < kObjectives; ++i) {
    intervals[i] = {.value = takes[i],
                    .low = takes[i] * (1 - shifts.low),
                    .high = takes[i] * (1 + shifts.high)};
  }
  intervals.back() = exact(memory.value);
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

/// A search for training plans before its first question.
struct TrainingSearch {
  std::shared_ptr<const PriceBook> book;
  std::shared_ptr<TrainingPlans> plans;
  std::vector<PlanQuantity> quantities;
  std::vector<Scenario> known;               ///< one a mark
  std::vector<std::filesystem::path> files;  ///< all that answers follow from
  std::vector<InputFile> inputs;             ///< the same as they were
  PlanSearchOptions options;
};

TrainingSearch training_search(const TrainingPlanSpec& spec, const PlanOptions& options) {
  const auto book = std::make_shared<const PriceBook>(load_price_book(options.root));
  const auto plans = std::make_shared<TrainingPlans>(spec, *book);
  auto quantities = training_quantities(spec, plans->memory_limit());
  std::vector<Scenario> known;
  std::vector<std::filesystem::path> files;
  for (const Scenario& base : plans->bases()) {
    files.insert(files.end(), base.files.begin(), base.files.end());
  }
  for (const PlanMark& mark : spec.marks) {
    known.push_back(load_scenario(beside(mark.scenario), {}));
    check_alike(known.back(), mark.scenario.source);
    check_same_model(known.back(), plans->bases().front(), mark.scenario.source);
    files.insert(files.end(), known.back().files.begin(), known.back().files.end());
  }
  files = all_files(spec, files);
  auto inputs = input_files(files, options.root);
  PlanSearchOptions search = search_options(spec, quantities, options);
  constexpr int kBehindBounds = 2;  // the plan evaluated, and its intervals
  const PlanSpace space = plans->space();
  const int questions = static_cast<int>(space.tighten.size()) + kBehindBounds;
  search.answer =
      answers_of(options, plan_batch(spec.name, space, questions, inputs, options.build));
  return {.book = book,
          .plans = plans,
          .quantities = std::move(quantities),
          .known = std::move(known),
          .files = std::move(files),
          .inputs = std::move(inputs),
          .options = std::move(search)};
}

/// The shifts of what was found, by plan: the last question, put to all of them together.
std::map<std::int64_t, RunShifts> shifts_of(const TrainingSearch& search, const PlanSearch& found,
                                            const Progress& progress) {
  const auto number = static_cast<int>(search.plans->space().tighten.size()) + 1;
  std::map<std::int64_t, RunShifts> shifts;
  std::vector<PlanQuestion> questions;
  const auto add = [&](const FoundPlan& plan) {
    if (!shifts.try_emplace(plan.index).second) return;
    const Scenario scenario = search.plans->scenario_of(plan.index);
    const int effort = micro_batches(scenario, scenario.batch.sequences);
    questions.push_back({.number = number, .index = plan.index, .effort = effort * 1.0});
  };
  for (const FoundPlan& plan : found.front) add(plan);
  for (const FoundPlan& plan : found.best) add(plan);
  for (const NearestPlan& one : found.nearest) add(one.plan);
  WorkCount count(progress, static_cast<int>(questions.size()));
  const auto answers = search.options.answer(questions, [&](const PlanQuestion& question) {
    const Scenario scenario = search.plans->scenario_of(question.index);
    const RunShifts run = run_shifts(scenario, *search.book,
                                     {.threads = 1,
                                      .step = search.plans->full_step(question.index, scenario),
                                      .shelf = &search.plans->loads()});
    count.finish_one();
    return Objectives{run.low, run.high, 0, 0};
  });
  if (progress) progress(1);  // with those that others have answered
  for (std::size_t i = 0; i < questions.size(); ++i) {
    shifts[questions[i].index] = {.low = answers[i][0], .high = answers[i][1]};
  }
  return shifts;
}

void add_marks(const TrainingPlanSpec& spec, const TrainingSearch& search,
               const PlanOptions& options, PlanReport& report) {
  std::vector<Cluster> clusters;
  for (const Scenario& base : search.plans->bases()) clusters.push_back(base.cluster);
  LoadShelf* shelf = &search.plans->loads();
  for (std::size_t i = 0; i < spec.marks.size(); ++i) {
    go_on(options.stopped);
    const Scenario& scenario = search.known[i];
    const RunShifts shifts =
        run_shifts(scenario, *search.book, {.threads = options.threads, .shelf = shelf});
    const Objectives takes = training_objectives(scenario, *search.book, shelf);
    report.marks.push_back(marked(spec, report, spec.marks[i],
                                  training_intervals(takes, shifts, peak_of(scenario)),
                                  elsewhere(scenario.cluster, clusters)));
  }
}

PlanResult find_training_plan(const TrainingPlanSpec& spec, const PlanOptions& options) {
  constexpr double kSearching = 0.5;  // of the time; the rest goes to intervals
  TrainingSearch search = training_search(spec, options);
  search.options.progress = within(options.progress, 0, kSearching);
  const auto plans = search.plans;
  const PlanSearch found = search_plans(plans->space(), search.options);
  const auto settings_of = [plans, varies = !spec.vary.nodes.empty()](std::int64_t index) {
    return training_settings(plans->scenario_of(index), varies);
  };
  const auto shifts = shifts_of(search, found, within(options.progress, kSearching, 1));
  PlanReport report =
      report_of(spec, found, false, search.quantities, [&](const FoundPlan& plan) -> PlanRow {
        PlanRow row{.index = plan.index,
                    .choices = settings_of(plan.index),
                    .takes = training_intervals(plan.takes, shifts.at(plan.index),
                                                peak_of(plans->scenario_of(plan.index))),
                    .front = false,
                    .tied = false};
        if (!spec.clusters.empty()) {
          row.choices.insert(row.choices.begin(),
                             {"cluster", plans->cluster_of(plan.index)->stem().string()});
        }
        return row;
      });
  add_marks(spec, search, options, report);
  report.left_out = left_out(beside(spec.scenario));
  std::string changed = changed_input(search.files, options.root, search.inputs);
  report.inputs = std::move(search.inputs);
  PlanResult result{
      .report = std::move(report), .changed = std::move(changed), .best_scenario = {}};
  if (found.best.empty()) return result;
  result.best_scenario = [book = search.book, plans, spec, settings_of,
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

PlanShare search_share(const std::filesystem::path& spec, const BatchPart& share,
                       const PlanOptions& options) {
  if (plans_serving(spec)) return search_serving_share(load_serving_plan(spec), share, options);
  TrainingSearch search = training_search(load_training_plan(spec), options);
  search.options.share = share;
  search.options.names_nearest = false;
  const std::int64_t plans = search_plans(search.plans->space(), search.options).plans;
  return {.plans = plans, .changed = changed_input(search.files, options.root, search.inputs)};
}

}  // namespace windtunnel
