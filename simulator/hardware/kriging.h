// Interpolation on a grid with holes: the best linear combination of nearby measurements, given how
// their correlation falls with distance along each axis (ordinary kriging of the residuals). A
// point between two others on a line is their mean, a hole in a grid follows its rows and its
// columns, and far from all measurements the trend alone remains.
#pragma once

#include <cstddef>
#include <span>

#include "simulator/hardware/surface.h"

namespace windtunnel {

/// ln(seconds / trend) at a place; `spread` is the standard deviation that the surroundings
/// suggest, up to the table's calibration, `noise` the part of it that repetitions of a measurement
/// show.
struct KrigedResidual {
  double mean;
  double spread;
  double noise;
};

/// 1 for each row of a surface that may be used.
using UsableRows = std::span<const char>;

/// The residual at `place` (log2 of the axes) from the rule's number of nearest usable rows; there
/// must be at least one.
KrigedResidual krige(const Surface& surface, std::span<const double> place, UsableRows usable);

}  // namespace windtunnel
