#include "reports/compare/levels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace windtunnel {
namespace {

constexpr double kLeastBetween = 0.9;

}  // namespace

std::optional<Levels> two_levels(std::span<const double> values) {
  std::vector<double> logs;
  for (const double value : values) logs.push_back(std::log(value));
  std::sort(logs.begin(), logs.end());
  const std::size_t n = logs.size();
  const std::size_t least = std::max<std::size_t>(2, n / 10);
  if (n < 2 * least) return std::nullopt;
  double sum = 0;
  double squares = 0;
  for (const double value : logs) sum += value;
  const double mean = sum / static_cast<double>(n);
  for (const double value : logs) squares += (value - mean) * (value - mean);
  double best = 0;
  std::size_t split = 0;
  double low_sum = 0;
  for (std::size_t below = 1; below < n; ++below) {
    low_sum += logs[below - 1] - mean;
    const auto low = static_cast<double>(below);
    const auto high = static_cast<double>(n - below);
    const double between = low_sum * low_sum * (1 / low + 1 / high);
    if (between <= best || below < least || n - below < least) continue;
    best = between;
    split = below;
  }
  if (split == 0 || best < kLeastBetween * squares) return std::nullopt;
  const double widest = std::max(logs[split - 1] - logs.front(), logs.back() - logs[split]);
  const double free = logs[split] - logs[split - 1];
  if (free < widest) return std::nullopt;
  // Between groups of a and b values with means `gap` apart lies a b / (a + b) gap^2.
  const double gap =
      std::sqrt(best * static_cast<double>(n) / static_cast<double>(split * (n - split)));
  return Levels{.gap = gap, .upper_share = static_cast<double>(n - split) / static_cast<double>(n)};
}

}  // namespace windtunnel
