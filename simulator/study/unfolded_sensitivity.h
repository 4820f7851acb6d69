// What the ranges of assumptions do that only steps of all ranks show: drawn speeds and jitter.
#pragma once

#include <string>
#include <vector>

#include "simulator/study/sensitivity.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/step_pricing.h"

namespace windtunnel {

/// Such an assumption, and the full steps at the ends of its range.
struct UnfoldedRange {
  std::string what;
  const Assumption<double>* assumption;
  std::vector<Seconds> steps;
};

/// Simulates all ranks, one step after another: each needs much memory. The assumptions are those
/// of `scenario`, which must outlive the answer.
std::vector<UnfoldedRange> unfolded_ranges(const Scenario& scenario, const PricedStep& priced);

/// Adds what the ranges do to a full step that takes `step` as assumed.
void add_unfolded(Sensitivity& result, const std::vector<UnfoldedRange>& ranges, Seconds step);

}  // namespace windtunnel
