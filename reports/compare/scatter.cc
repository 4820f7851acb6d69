#include "reports/compare/scatter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace windtunnel {
namespace {

constexpr std::size_t kMostLookedAt = 1000;
// 1 / (sqrt(2) x the 5/8 quantile of the normal distribution).
constexpr double kNormal = 2.21914;

}  // namespace

double robust_scatter(const std::vector<double>& values) {
  const std::size_t stride = values.size() / kMostLookedAt + 1;
  std::vector<double> kept;
  for (std::size_t i = 0; i < values.size(); i += stride) kept.push_back(values[i]);
  const std::size_t n = kept.size();
  if (n < 2) return 0;
  std::vector<double> distances;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) distances.push_back(std::abs(kept[i] - kept[j]));
  }
  const std::size_t h = n / 2 + 1;
  const std::size_t rank = h * (h - 1) / 2;
  const auto place = distances.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(distances.begin(), place, distances.end());
  const auto count = static_cast<double>(n);
  const double correction = n % 2 == 1 ? count / (count + 1.4) : count / (count + 3.8);
  return kNormal * correction * *place;
}

}  // namespace windtunnel
