#include "simulator/hardware/leave_one_out.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "simulator/hardware/quantile.h"

namespace windtunnel {
namespace {

/// The share of a sample's rows that leaves a tenth of all rows outside: of few rows less than a
/// tenth of them, of nine or fewer none.
double tail_share(std::size_t rows) {
  constexpr double kTail = 0.1;
  if (rows < 2) return 0;
  const auto n = static_cast<double>(rows);
  return std::max(0.0, (kTail * (n + 1) - 1) / (n - 1));
}

Calibration quantiles(const std::vector<LeftOut>& inside, const std::vector<LeftOut>& ends) {
  std::vector<double> ratios, slopes;
  for (const LeftOut& left : inside) {
    if (left.answer.octaves_outside > 0) continue;
    ratios.push_back((left.log_measured - left.answer.log_seconds) / left.answer.spread);
  }
  for (const LeftOut& left : ends) {
    if (left.answer.octaves_outside <= 0) continue;
    slopes.push_back((left.log_measured - left.answer.log_seconds) / left.answer.octaves_outside);
  }
  const double tail = tail_share(ratios.size()), outer = tail_share(slopes.size());
  return {.low = std::min(0.0, quantile(ratios, tail)),
          .high = std::max(0.0, quantile(ratios, 1 - tail)),
          .outside_low = std::min(0.0, quantile(slopes, outer)),
          .outside_high = std::max(0.0, quantile(slopes, 1 - outer))};
}

/// Share of measurements within their interval, each half of them judged by the other half's
/// quantiles: a row must not widen its own interval.
double cross_coverage(const std::vector<LeftOut>& inside, const std::vector<LeftOut>& ends) {
  std::array<std::vector<LeftOut>, 2> halves;
  for (std::size_t i = 0; i < inside.size(); ++i) halves[i % 2].push_back(inside[i]);
  std::size_t covered = 0;
  for (std::size_t half = 0; half < 2; ++half) {
    const Calibration others = quantiles(halves[1 - half], ends);
    for (const LeftOut& left : halves[half]) {
      const Answer answer = calibrated(left.answer, others);
      const double measured = std::exp(left.log_measured);
      covered += answer.low <= measured && measured <= answer.high;
    }
  }
  return inside.empty() ? 0 : static_cast<double>(covered) / static_cast<double>(inside.size());
}

}  // namespace

std::vector<LeftOut> leave_one_out(const Surface& surface) {
  std::vector<LeftOut> all;
  std::vector<char> others = surface.usable;
  if (std::count(others.begin(), others.end(), 1) < 3) return all;
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    if (!surface.usable[row]) continue;
    others[row] = 0;
    all.push_back(
        {row, std::log(surface.seconds[row]), interpolate(surface, surface.place(row), others)});
    others[row] = 1;
  }
  return all;
}

std::vector<LeftOut> leave_ends_out(const Surface& surface) {
  std::vector<LeftOut> all;
  for (std::size_t axis = 0; axis < surface.rule->axes.size(); ++axis) {
    std::set<double> levels;
    for (std::size_t row = 0; row < surface.rows(); ++row) levels.insert(surface.place(row)[axis]);
    if (levels.size() < 3) continue;
    const double last = *levels.rbegin();
    std::vector<char> below = surface.usable;
    for (std::size_t row = 0; row < surface.rows(); ++row) {
      if (surface.place(row)[axis] == last) below[row] = 0;
    }
    if (std::count(below.begin(), below.end(), 1) == 0) continue;
    for (std::size_t row = 0; row < surface.rows(); ++row) {
      if (!surface.usable[row] || below[row]) continue;
      all.push_back(
          {row, std::log(surface.seconds[row]), interpolate(surface, surface.place(row), below)});
    }
  }
  return all;
}

CalibratedTable calibrate(const std::vector<const Surface*>& surfaces) {
  std::vector<LeftOut> inside, ends;
  CalibratedTable table{};
  for (const Surface* surface : surfaces) {
    for (const LeftOut& left : leave_one_out(*surface)) inside.push_back(left);
    for (const LeftOut& left : leave_ends_out(*surface)) ends.push_back(left);
    table.accuracy.rows += surface->rows();
    table.accuracy.rejected +=
        static_cast<std::size_t>(std::count(surface->usable.begin(), surface->usable.end(), 0));
  }
  table.calibration = quantiles(inside, ends);
  std::vector<double> errors;
  for (const LeftOut& left : inside) {
    errors.push_back(std::abs(std::exp(left.answer.log_seconds - left.log_measured) - 1));
  }
  table.accuracy.median = quantile(errors, 0.5);
  table.accuracy.p90 = quantile(errors, 0.9);
  table.accuracy.coverage = cross_coverage(inside, ends);
  return table;
}

}  // namespace windtunnel
