#include "reports/compare/machine_steps.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "reports/compare/median_ratio.h"
#include "reports/compare/scatter.h"

namespace windtunnel {
namespace {

// A step has t above kLeastT; of series of six normal values at most kChance show one, of nine half
// as many (counted over 100,000 of each).
constexpr std::size_t kLeastSamples = 6;
constexpr double kLeastT = 4.5;
constexpr double kChance = 0.035;
// Nine values have six places for a step, and the difference of two sides' means scatters most
// where one has two values: by sqrt(1/2 + 1/7) of a value.
constexpr double kSplits = 6;
constexpr double kStepError = 0.8;
// A median may change by a step, or by half of one where as many samples stand on either level.
constexpr double kSmallest = 0.75;
constexpr double kLargest = 2.2;
constexpr std::size_t kMostLookedAt = 1000;  // benchmarks; of more every k-th

/// Of one benchmark in one file: the size of the step in it, or 0, and how its values scatter, as
/// logarithms.
struct Series {
  double step;
  double scatter;
};

double scatter_of(std::span<const double> values) {
  std::vector<double> logs;
  for (const double value : values) logs.push_back(std::log(value));
  return robust_scatter(logs);
}

bool explains(double step, double change) {
  return step > kSmallest * change && step < kLargest * change;
}

/// How likely noise of `scatter` makes a step of `size` in a series, at most.
double chance_of(double size, double scatter) {
  const double distance = size / (kStepError * scatter);
  return std::min(kChance, kSplits * std::erfc(distance / std::numbers::sqrt2));
}

/// The median of the steps that explain `change`, 0 where noise may make as many.
double step_like(double change, const std::vector<Series>& series) {
  std::vector<double> sizes;
  double chance = 0;
  for (const Series& it : series) {
    chance += chance_of(kSmallest * change, it.scatter);
    if (explains(it.step, change)) sizes.push_back(it.step);
  }
  const bool more = static_cast<double>(sizes.size()) > chance + 2 * std::sqrt(chance);
  return more ? median(sizes) : 0;
}

}  // namespace

std::optional<double> step_of(std::span<const double> values) {
  const std::size_t n = values.size();
  if (n < kLeastSamples) return std::nullopt;
  std::vector<double> logs;
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    logs.push_back(std::log(value));
    sum += logs.back() - logs.front();
    squares += (logs.back() - logs.front()) * (logs.back() - logs.front());
  }
  const auto count = static_cast<double>(n);
  const double total = squares - sum * sum / count;
  double before = 0;
  double most = 0;  // of the squares, those between the sides of the best split
  std::size_t split = 0;
  double gap = 0;
  for (std::size_t left = 1; left + 1 < n; ++left) {
    before += logs[left - 1] - logs.front();
    const auto first = static_cast<double>(left);
    const double rise = (sum - before) / (count - first) - before / first;
    const double between = rise * rise * first * (count - first) / count;
    if (left < 2 || between <= most) continue;
    most = between;
    split = left;
    gap = rise;
  }
  if (split == 0 || most * (count - 2) < kLeastT * kLeastT * (total - most)) return std::nullopt;
  const auto middle = logs.begin() + static_cast<std::ptrdiff_t>(split);
  const auto [low, high] = std::minmax_element(logs.begin(), middle);
  const auto [next_low, next_high] = std::minmax_element(middle, logs.end());
  if (gap > 0 ? *high >= *next_low : *low <= *next_high) return std::nullopt;
  return std::abs(gap);
}

std::vector<double> machine_steps(std::span<const Moved> benchmarks) {
  const std::size_t stride = benchmarks.size() / kMostLookedAt + 1;
  std::vector<Series> series;
  for (std::size_t i = 0; i < benchmarks.size(); i += stride) {
    const Moved& it = benchmarks[i];
    if (it.clocked) continue;
    for (const std::span<const double> values : {it.base, it.now}) {
      series.push_back({.step = step_of(values).value_or(0), .scatter = scatter_of(values)});
    }
  }
  std::vector<double> steps;
  for (const Moved& it : benchmarks) {
    const bool asked = !it.clocked && it.side != 0;
    const double change = std::abs(it.change);
    steps.push_back(asked ? step_like(change, series) : 0);
  }
  return steps;
}

}  // namespace windtunnel
