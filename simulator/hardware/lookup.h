// The time of a shape from a surface of measurements: its own measurement if there is one, else
// what its neighbours say, with the interval that the table's leave-one-out errors call for.
#pragma once

#include <optional>
#include <span>

#include "simulator/hardware/kriging.h"
#include "simulator/hardware/surface.h"

namespace windtunnel {

/// Quantiles (10 % and 90 %) of ln(measured / answer): inside the measured range as a multiple of
/// the spread, outside of it an octave of distance.
struct Calibration {
  double low;
  double high;
  double outside_low;
  double outside_high;
};

enum class Reach { kMeasured, kBetween, kOutside };

/// Seconds and the interval in which four of five measurements would lie.
struct Answer {
  double seconds;
  double low;
  double high;
  Reach reach;
  std::optional<double> rejected;  ///< the shape's own measurement, if it was an outlier
};

/// ln(seconds) at a place before any calibration.
struct Interpolation {
  double log_seconds;
  double spread;
  double octaves_outside;  ///< 0 inside the measured range
  double cliff_low;        ///< ln(seconds) of the two sides of a cliff that the place lies on, else
  double cliff_high;       ///< both log_seconds
};

/// What the usable rows say of `place` (log2 of the axes). At least one row must be usable.
Interpolation interpolate(const Surface& surface, std::span<const double> place, UsableRows usable);

/// The row measured at exactly this place.
std::optional<std::size_t> find_row(const Surface& surface, std::span<const double> place);

/// The interval of an interpolation.
Answer calibrated(const Interpolation& interpolation, const Calibration& calibration);

Answer look_up(const Surface& surface, const Calibration& calibration,
               std::span<const double> place);

}  // namespace windtunnel
