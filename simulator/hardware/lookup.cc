#include "simulator/hardware/lookup.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace windtunnel {
namespace {

/// Two neighbours on a line that differ by more than this, as seen from the trend, are the two
/// sides of a cliff (another kernel, another wave), not two points of a curve.
constexpr double kCliffFactor = 2.5;

/// How many octaves, summed over the axes, no usable row reaches as far up as `place`, or as far
/// down. A hole in a ragged grid is inside, a corner that was never measured is not.
double octaves_outside(const Surface& surface, std::span<const double> place, UsableRows usable) {
  double above = std::numeric_limits<double>::infinity();
  double below = above;
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    if (!usable[row]) continue;
    const auto at = surface.place(row);
    double up = 0, down = 0;
    for (std::size_t i = 0; i < place.size(); ++i) {
      up += std::max(0.0, place[i] - at[i]);
      down += std::max(0.0, at[i] - place[i]);
    }
    above = std::min(above, up);
    below = std::min(below, down);
  }
  return std::max(above, below);
}

/// The nearest rows on both sides of `place` along `axis`, the other axes equal.
struct Bracket {
  std::optional<std::size_t> before;
  std::optional<std::size_t> after;
};

Bracket find_bracket(const Surface& surface, std::span<const double> place, std::size_t axis,
                     UsableRows usable) {
  Bracket bracket;
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    if (!usable[row]) continue;
    const auto at = surface.place(row);
    bool on_line = at[axis] != place[axis];
    for (std::size_t i = 0; on_line && i < place.size(); ++i) {
      on_line = i == axis || at[i] == place[i];
    }
    if (!on_line) continue;
    auto& side = at[axis] < place[axis] ? bracket.before : bracket.after;
    const double distance = std::abs(at[axis] - place[axis]);
    if (!side || distance < std::abs(surface.place(*side)[axis] - place[axis])) side = row;
  }
  return bracket;
}

bool is_level(const Surface& surface, double coordinate, std::size_t axis) {
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    if (surface.place(row)[axis] == coordinate) return true;
  }
  return false;
}

/// A place between two levels of one axis, on a cliff: the answer is one of the sides, that which
/// the other lines speak for, never something in between.
void stay_off_the_cliff(const Surface& surface, std::span<const double> place, UsableRows usable,
                        Interpolation& answer) {
  for (std::size_t axis = 0; axis < place.size(); ++axis) {
    if (is_level(surface, place[axis], axis)) continue;
    const Bracket bracket = find_bracket(surface, place, axis, usable);
    if (!bracket.before || !bracket.after) continue;
    const double before = surface.residuals[*bracket.before];
    const double after = surface.residuals[*bracket.after];
    if (std::abs(after - before) < std::log(kCliffFactor)) continue;
    const double trend = std::log(trend_at(surface, place));
    const double between = answer.log_seconds - trend;
    const double side = std::abs(between - before) < std::abs(between - after) ? before : after;
    answer.log_seconds = trend + side;
    answer.cliff_low = trend + std::min(before, after);
    answer.cliff_high = trend + std::max(before, after);
    return;
  }
}

}  // namespace

Interpolation interpolate(const Surface& surface, std::span<const double> place,
                          UsableRows usable) {
  const KrigedResidual residual = krige(surface, place, usable);
  const double log_seconds = std::log(trend_at(surface, place)) + residual.mean;
  Interpolation answer = {.log_seconds = log_seconds,
                          .spread = residual.spread,
                          .octaves_outside = octaves_outside(surface, place, usable),
                          .cliff_low = log_seconds,
                          .cliff_high = log_seconds};
  stay_off_the_cliff(surface, place, usable, answer);
  return answer;
}

std::optional<std::size_t> find_row(const Surface& surface, std::span<const double> place) {
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    const auto at = surface.place(row);
    if (std::equal(at.begin(), at.end(), place.begin())) return row;
  }
  return std::nullopt;
}

Answer calibrated(const Interpolation& interpolation, const Calibration& calibration) {
  const double octaves = interpolation.octaves_outside;
  const double low =
      std::min(calibration.low * interpolation.spread, calibration.outside_low * octaves);
  const double high =
      std::max(calibration.high * interpolation.spread, calibration.outside_high * octaves);
  return {.seconds = std::exp(interpolation.log_seconds),
          .low = std::exp(std::min(interpolation.cliff_low, interpolation.log_seconds) + low),
          .high = std::exp(std::max(interpolation.cliff_high, interpolation.log_seconds) + high),
          .reach = octaves > 0 ? Reach::kOutside : Reach::kBetween,
          .rejected = std::nullopt};
}

Answer look_up(const Surface& surface, const Calibration& calibration,
               std::span<const double> place) {
  const std::optional<std::size_t> row = find_row(surface, place);
  if (row && surface.usable[*row]) {
    const double noise = krige(surface, place, surface.usable).noise;
    const double seconds = surface.seconds[*row];
    return {.seconds = seconds,
            .low = seconds * std::exp(calibration.low * noise),
            .high = seconds * std::exp(calibration.high * noise),
            .reach = Reach::kMeasured,
            .rejected = std::nullopt};
  }
  Answer answer = calibrated(interpolate(surface, place, surface.usable), calibration);
  if (row) answer.rejected = surface.seconds[*row];
  return answer;
}

}  // namespace windtunnel
