#include "simulator/analysis/set_errors.h"

#include <algorithm>
#include <cmath>

#include "simulator/hardware/quantile.h"

namespace windtunnel {
namespace {

/// Every run has a projection, so it has an error.
double error_of(const ComparisonRow& run) { return run.error.value(); }

}  // namespace

SetSummary set_summary(SetStatement statement, const std::vector<ComparisonRow>& runs) {
  constexpr std::size_t kShownWorst = 5;
  std::vector<double> absolute;
  std::vector<double> plain;
  for (const ComparisonRow& run : runs) {
    absolute.push_back(std::abs(error_of(run)));
    plain.push_back(error_of(run));
  }
  const double target = statement.target.value_or(-1);
  SetSummary summary{.statement = std::move(statement),
                     .runs = static_cast<int>(runs.size()),
                     .median_absolute = quantile(absolute, 0.5),
                     .p90_absolute = quantile(absolute, 0.9),
                     .median_signed = quantile(plain, 0.5),
                     .within_target = 0,
                     .worst = runs};
  summary.within_target = static_cast<int>(std::count_if(
      absolute.begin(), absolute.end(), [&](double error) { return error <= target; }));
  std::stable_sort(summary.worst.begin(), summary.worst.end(),
                   [](const ComparisonRow& a, const ComparisonRow& b) {
                     return std::abs(error_of(a)) > std::abs(error_of(b));
                   });
  if (summary.worst.size() > kShownWorst) summary.worst.resize(kShownWorst);
  return summary;
}

bool fails(const SetSummary& set) {
  // Written so that an error which is no number fails.
  return set.statement.tolerance && !(set.median_absolute <= *set.statement.tolerance);
}

}  // namespace windtunnel
