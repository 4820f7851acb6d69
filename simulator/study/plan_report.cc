#include "simulator/study/plan_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

/// Front members of which the objective's interval reaches down to the first one's.
void mark_ties(std::vector<PlanRow>& front, std::size_t objective) {
  if (front.empty()) return;
  const double first = front.front().takes[objective].high;
  for (PlanRow& row : front) row.tied = row.takes[objective].low <= first;
}

}  // namespace

PlanSearchOptions search_options(const PlanSpec& spec, const std::vector<PlanQuantity>& quantities,
                                 const PlanOptions& options) {
  PlanSearchOptions search{.objective = spec.objective,
                           .top = options.top,
                           .limits = {},
                           .names = {},
                           .threads = options.threads,
                           .prune = true,
                           .progress = options.progress,
                           .stopped = options.stopped};
  for (std::size_t i = 0; i < kObjectives; ++i) {
    search.limits[i] = quantities[i].limit;
    search.names[i] = quantities[i].name;
  }
  return search;
}

AnswerQuestions answers_of(const PlanOptions& options, const PlanBatch& batch) {
  if (options.answers) return options.answers(batch);
  return answers_here(options.threads, options.stopped);
}

PlanReport report_of(const PlanSpec& spec, const PlanSearch& found, bool serving,
                     std::vector<PlanQuantity> quantities, const MakeRow& row) {
  PlanReport report{.path = spec.path.string(),
                    .name = spec.name,
                    .scenario = beside(spec.scenario).lexically_normal().string(),
                    .serving = serving,
                    .quantities = std::move(quantities),
                    .objective = spec.objective,
                    .plans = found.plans,
                    .bounded = found.bounded,
                    .evaluated = found.evaluated,
                    .rejected = found.rejected,
                    .front = {},
                    .best = {},
                    .marks = {},
                    .nearest = {},
                    .left_out = {},
                    .inputs = {}};
  for (const FoundPlan& plan : found.front) {
    report.front.push_back(row(plan));
    report.front.back().front = true;
  }
  mark_ties(report.front, static_cast<std::size_t>(spec.objective));
  for (const FoundPlan& plan : found.best) {
    const auto known = std::find_if(report.front.begin(), report.front.end(),
                                    [&](const PlanRow& one) { return one.index == plan.index; });
    report.best.push_back(known != report.front.end() ? *known : row(plan));
  }
  for (const NearestPlan& one : found.nearest) {
    report.nearest.push_back(
        {.limit = one.limit, .plans = one.plans, .plan = row(one.plan), .settled = one.settled});
  }
  return report;
}

std::string elsewhere(const Cluster& own, const std::vector<Cluster>& clusters) {
  const bool known = std::any_of(clusters.begin(), clusters.end(), [&](const Cluster& cluster) {
    return cluster.gpu.id == own.gpu.id && gpu_count(own) <= gpu_count(cluster);
  });
  return known ? "" : fmt::format("{} {}", gpu_count(own), own.gpu.name);
}

MarkedPlan marked(const PlanSpec& spec, const PlanReport& report, const PlanMark& mark,
                  const std::array<Interval, kObjectives>& takes, std::string elsewhere) {
  MarkedPlan it{.name = mark.name,
                .path = beside(mark.scenario).lexically_normal().string(),
                .elsewhere = std::move(elsewhere),
                .takes = takes,
                .over = "",
                .better = 0,
                .nearest = {}};
  const std::size_t memory = kObjectives - 1;
  // Memory in the steps in which the front counts it.
  const auto values = [&](const std::array<Interval, kObjectives>& intervals) {
    Objectives plain{};
    for (std::size_t i = 0; i < kObjectives; ++i) plain[i] = intervals[i].value;
    plain[memory] = counted_memory(spec, plain[memory], report.quantities[memory].limit);
    return plain;
  };
  for (std::size_t i = 0; i < kObjectives; ++i) {
    if (takes[i].value > report.quantities[i].limit && it.over.empty()) {
      it.over = report.quantities[i].name;
    }
  }
  for (std::size_t i = 0; i < report.front.size(); ++i) {
    const PlanRow& row = report.front[i];
    if (dominates(values(row.takes), values(takes))) ++it.better;
    if (!it.nearest && values(row.takes)[memory] <= values(takes)[memory]) {
      it.nearest = static_cast<int>(i);
    }
  }
  return it;
}

std::vector<std::filesystem::path> all_files(const PlanSpec& spec,
                                             const std::vector<std::filesystem::path>& more) {
  std::vector<std::filesystem::path> files = spec.files;
  for (const auto& file : more) {
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  }
  return files;
}

}  // namespace windtunnel
