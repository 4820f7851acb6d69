// The report of a search from what was found: the same for training plans and deployments.
#pragma once

#include <functional>
#include <limits>

#include "simulator/hardware/cluster.h"
#include "simulator/study/plan.h"

namespace windtunnel {

inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

/// A quantity without an interval.
constexpr Interval exact(double value) { return {.value = value, .low = value, .high = value}; }

/// How the plans of `spec` are searched with these limits.
PlanSearchOptions search_options(const PlanSpec& spec, const std::vector<PlanQuantity>& quantities,
                                 const PlanOptions& options);

/// How `options` want the questions about these plans answered.
AnswerQuestions answers_of(const PlanOptions& options, const PlanBatch& batch);

/// A row of the report for a plan that was found.
using MakeRow = std::function<PlanRow(const FoundPlan&)>;

/// What was found, without known plans and inputs.
PlanReport report_of(const PlanSpec& spec, const PlanSearch& found, bool serving,
                     std::vector<PlanQuantity> quantities, const MakeRow& row);

/// A plan's own cluster in words where it is none of these, nor a part of one; else empty.
std::string elsewhere(const Cluster& own, const std::vector<Cluster>& clusters);

/// Places a known plan among the front of `report`.
MarkedPlan marked(const PlanSpec& spec, const PlanReport& report, const PlanMark& mark,
                  const std::array<Interval, kObjectives>& takes, std::string elsewhere = "");

/// The files of `spec`, and `more` of them that are not there yet.
std::vector<std::filesystem::path> all_files(const PlanSpec& spec,
                                             const std::vector<std::filesystem::path>& more);

}  // namespace windtunnel
