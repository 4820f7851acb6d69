#include "reports/compare/file_drift.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "reports/compare/drift.h"
#include "reports/compare/median_ratio.h"

namespace windtunnel {
namespace {

constexpr double kSteadyP = 0.01;
constexpr double kSharedP = 1e-3;
// A step has one choice more than a line, so that it fits noise better.
constexpr double kStepBetter = 1.15;
constexpr std::size_t kFewest = 8;
constexpr std::size_t kMostSteps = 200;

/// The sum of the distances from the median.
double spread(std::span<const double> values) {
  const double middle = median(values);
  double sum = 0;
  for (const double value : values) sum += std::abs(value - middle);
  return sum;
}

double left_by_line(const std::vector<double>& values, double rise) {
  std::vector<double> level = values;
  const auto last = static_cast<double>(values.size() - 1);
  for (std::size_t i = 0; i < level.size(); ++i) level[i] -= rise * static_cast<double>(i) / last;
  return spread(level);
}

double left_by_step(const std::vector<double>& values) {
  const std::span<const double> all(values);
  const std::size_t stride = values.size() / kMostSteps + 1;
  double least = spread(all);
  for (std::size_t i = 1; i < values.size(); i += stride) {
    least = std::min(least, spread(all.first(i)) + spread(all.subspan(i)));
  }
  return least;
}

}  // namespace

std::optional<FileDrift> file_drift(const std::vector<double>& log_ratios, double least) {
  if (log_ratios.size() < kFewest) return std::nullopt;
  std::vector<double> ratios;
  for (const double value : log_ratios) ratios.push_back(std::exp(value));
  const Drift drift = drift_of(ratios);
  if (drift.p > kSteadyP || std::abs(drift.rise) < least) return std::nullopt;
  if (left_by_line(log_ratios, drift.rise) > kStepBetter * left_by_step(log_ratios)) {
    return std::nullopt;
  }
  return FileDrift{.rise = drift.rise};
}

double shared_rise(const std::vector<double>& rises) {
  if (rises.size() < kFewest) return 0;
  const auto up = std::count_if(rises.begin(), rises.end(), [](double rise) { return rise > 0; });
  const auto count = static_cast<double>(rises.size());
  // The sign test, as a normal approximation with its correction for continuity.
  const double distance = std::abs(static_cast<double>(up) - count / 2) - 0.5;
  const double p = std::erfc(distance / std::sqrt(count / 2));
  return p < kSharedP ? median(rises) : 0;
}

}  // namespace windtunnel
