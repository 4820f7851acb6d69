#include "simulator/study/unfolded_sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "simulator/study/step.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

Seconds full_step(const Scenario& scenario, const PricedStep& priced) {
  const StepPlan plan = step_plan(scenario, priced, main_schedule(scenario),
                                  micro_batches(scenario, scenario.batch.sequences));
  return to_seconds(simulate_step(plan, data_ranks(scenario)).timeline.makespan);
}

}  // namespace

std::vector<UnfoldedRange> unfolded_ranges(const Scenario& scenario, const PricedStep& priced) {
  std::vector<UnfoldedRange> ranges;
  Scenario variant = scenario;
  const auto ask = [&](const char* what, const Assumption<double>& assumed, double& value) {
    UnfoldedRange range{.what = what, .assumption = &assumed, .steps = {}};
    for (const double end : {assumed.low, assumed.high}) {
      if (end == assumed.value) continue;
      value = end;
      range.steps.push_back(full_step(variant, priced));
    }
    value = assumed.value;
    ranges.push_back(std::move(range));
  };
  const Skew& skew = scenario.skew;
  if (skew.speed && skew.speed->deviation) {
    ask("skew.speed.deviation", *skew.speed->deviation, variant.skew.speed->deviation->value);
  }
  if (skew.jitter) ask("skew.jitter", *skew.jitter, variant.skew.jitter->value);
  return ranges;
}

void add_unfolded(Sensitivity& result, const std::vector<UnfoldedRange>& ranges, Seconds step) {
  for (const UnfoldedRange& range : ranges) {
    double low = 1;
    double high = 1;
    for (const Seconds time : range.steps) {
      low = std::min(low, time / step);
      high = std::max(high, time / step);
    }
    const Assumption<double>& assumed = *range.assumption;
    result.assumptions.push_back({.what = range.what,
                                  .value = fmt::format("{:g}", assumed.value),
                                  .range = fmt::format("{:g} to {:g}", assumed.low, assumed.high),
                                  .why = assumed.why,
                                  .step_low = low,
                                  .step_high = high,
                                  .run_low = low,
                                  .run_high = high});
    for (double* width : {&result.step_low, &result.run_low}) *width = std::hypot(*width, 1 - low);
    for (double* width : {&result.step_high, &result.run_high}) {
      *width = std::hypot(*width, high - 1);
    }
  }
}

}  // namespace windtunnel
