// The answer to a search as text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "simulator/study/plan.h"

namespace windtunnel {

std::string render_plan_text(const PlanReport& report, bool colour);

/// Choices that all rows of a report share, and for each row in order the others: what tells plans
/// apart.
struct SplitChoices {
  std::vector<std::pair<std::string, std::string>> common;
  std::vector<std::string> rest;
};

SplitChoices split_choices(const std::vector<PlanRow>& rows);

/// "pipeline 8, expert 32, ...": of a row that stands alone.
std::string all_choices(const PlanRow& row);

/// A quantity for people: "2.538 M hours", "51.6 days", "$5.076 M", "64.4 GiB", "12.3 ms".
std::string plan_figure(const PlanQuantity& quantity, double value);

/// What a column or an axis of the quantity is called.
std::string plan_heading(const PlanQuantity& quantity);

}  // namespace windtunnel
