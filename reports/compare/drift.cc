#include "reports/compare/drift.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace windtunnel {
namespace {

constexpr std::size_t kMostLookedAt = 1000;
constexpr std::size_t kLeast = 5;

}  // namespace

Drift drift_of(std::span<const double> values) {
  const std::size_t stride = values.size() / kMostLookedAt + 1;
  std::vector<double> logs;
  for (std::size_t i = 0; i < values.size(); i += stride) logs.push_back(std::log(values[i]));
  const std::size_t n = logs.size();
  if (n < kLeast) return {.rise = 0, .p = 1, .score = 0};
  std::vector<double> slopes;
  double concordant = 0;  // Kendall's S
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const double rise = logs[j] - logs[i];
      slopes.push_back(rise / static_cast<double>(j - i));
      concordant += rise > 0 ? 1 : rise < 0 ? -1 : 0;
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  const auto count = static_cast<double>(n);
  const double variance = count * (count - 1) * (2 * count + 5) / 18;
  const double distance = std::max(0.0, std::abs(concordant) - 1) / std::sqrt(variance);
  return {.rise = *middle * (count - 1),
          .p = std::erfc(distance / std::numbers::sqrt2),
          .score = std::copysign(distance, concordant)};
}

}  // namespace windtunnel
