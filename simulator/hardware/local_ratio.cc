#include "simulator/hardware/local_ratio.h"

#include <algorithm>
#include <cmath>

#include "simulator/hardware/quantile.h"

namespace windtunnel {
namespace {

// Figures of one shape by two authors or of two runs agree no better than that.
constexpr double kLeastSpread = 0.01;

double distance_squared(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

double weight_at(double distance_squared) {
  constexpr double kNearest = 1e-12;
  const double d = std::max(distance_squared, kNearest);
  return 1 / (d * d * d);
}

}  // namespace

LocalRatio local_ratio(std::span<const RatioPoint> points, std::span<const double> place,
                       double fade, std::size_t without) {
  double weights = std::isfinite(fade) ? weight_at(fade * fade) : 0;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == without) continue;
    const double weight = weight_at(distance_squared(points[i].place, place));
    weights += weight;
    sum += weight * points[i].log_ratio;
    squares += weight * points[i].log_ratio * points[i].log_ratio;
  }
  if (weights <= 0) return {0, kLeastSpread};
  const double mean = sum / weights;
  const double variance = squares / weights - mean * mean;
  return {mean, std::sqrt(std::max(kLeastSpread * kLeastSpread, variance))};
}

RatioCalibration calibrate_ratio(std::span<const RatioPoint> points, double fade) {
  std::vector<double> scaled, errors, unscaled;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points.size() < 2) break;
    const LocalRatio others = local_ratio(points, points[i].place, fade, i);
    const double error = points[i].log_ratio - others.mean;
    scaled.push_back(error / others.spread);
    errors.push_back(std::abs(std::exp(-error) - 1));
    unscaled.push_back(std::abs(std::exp(-points[i].log_ratio) - 1));
  }
  return {.low = std::min(0.0, quantile(scaled, 0.1)),
          .high = std::max(0.0, quantile(scaled, 0.9)),
          .median = quantile(errors, 0.5),
          .median_at_one = quantile(unscaled, 0.5)};
}

}  // namespace windtunnel
