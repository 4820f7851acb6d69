#include "reports/compare/evidence.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <vector>

#include "reports/compare/mann_whitney.h"

namespace windtunnel {
namespace {

Series series_of(std::span<const double> base, std::span<const double> now, double level) {
  const RankTest test = mann_whitney(base, now);
  const auto pairs = static_cast<double>(base.size() * now.size());
  return {.ratio = median_ratio(base, now, level),
          .p = test.p,
          .separated = test.u == 0 || test.u == pairs};
}

/// Clocks taken, in millions.
std::vector<double> cycles_of(const BenchmarkSamples& samples) {
  std::vector<double> cycles;
  for (std::size_t i = 0; i < samples.seconds.size(); ++i) {
    cycles.push_back(samples.seconds[i] * samples.mhz[i]);
  }
  return cycles;
}

/// The x with P(|N| < x) = level, by bisection: erf has no inverse in the standard library.
double normal_quantile(double level) {
  double low = 0;
  double high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (std::erf(middle / std::numbers::sqrt2) < level ? low : high) = middle;
  }
  return high;
}

}  // namespace

Evidence weigh(const BenchmarkSamples& base, const BenchmarkSamples& now, double level) {
  Evidence evidence{.time = series_of(base.seconds, now.seconds, level),
                    .cycles = std::nullopt,
                    .base_mhz = 0,
                    .new_mhz = 0,
                    .base_drift = drift_of(base.seconds),
                    .new_drift = drift_of(now.seconds),
                    .base_levels = two_levels(base.seconds),
                    .new_levels = two_levels(now.seconds)};
  if (!base.mhz.empty() && !now.mhz.empty()) {
    evidence.cycles = series_of(cycles_of(base), cycles_of(now), level);
    evidence.base_mhz = median(base.mhz);
    evidence.new_mhz = median(now.mhz);
  }
  return evidence;
}

double standard_error(const RatioInterval& ratio, double level) {
  return std::log(ratio.high / ratio.low) / (2 * normal_quantile(level));
}

RatioInterval widened(const RatioInterval& ratio, double factor) {
  return {.ratio = ratio.ratio,
          .low = ratio.ratio * std::pow(ratio.low / ratio.ratio, factor),
          .high = ratio.ratio * std::pow(ratio.high / ratio.ratio, factor)};
}

}  // namespace windtunnel
