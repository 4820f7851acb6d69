// How far off the look-up is, found by asking it for each measured shape without that shape. One
// table on one GPU answers for itself: no other GPU's measurement of the shape is used.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "simulator/hardware/lookup.h"
#include "simulator/hardware/surface.h"

namespace windtunnel {

/// One left-out measurement.
struct LeftOut {
  std::size_t row;
  double log_measured;
  Interpolation answer;
};

/// All rows that aren't rejected; none where a surface has fewer than three.
std::vector<LeftOut> leave_one_out(const Surface& surface);

/// The last level of each axis, asked from the rows below it: how good an extrapolation is.
std::vector<LeftOut> leave_ends_out(const Surface& surface);

/// How a table does on left-out rows.
struct Accuracy {
  std::size_t rows;
  std::size_t rejected;
  double median;  ///< of |answer / measured - 1|
  double p90;
  double coverage;  ///< share of measurements within the interval that the others call for
};

struct CalibratedTable {
  Calibration calibration;
  Accuracy accuracy;
};

/// The surfaces of one value of one table.
CalibratedTable calibrate(const std::vector<const Surface*>& surfaces);

}  // namespace windtunnel
