// Shapes of a GPU that the collection was never run on, near those that other authors measured on
// it: the sibling's measurements, moved by what the two GPUs' times differ by at those shapes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/hardware/author_times.h"
#include "simulator/hardware/local_ratio.h"
#include "simulator/hardware/shape_price.h"

namespace windtunnel {

/// The published times of one choice of categories, and for each value ln(their time / the
/// sibling's answer), beyond the latency where a link binds.
struct AuthorGroup {
  std::vector<std::string> categories;
  const MeasurementGroup* reference;  ///< the sibling's; fewer nodes where it has no as many
  std::vector<AuthorTime> times;
  std::vector<std::vector<RatioPoint>> ratios;  ///< value x time
  std::vector<RatioCalibration> calibrations;   ///< one a value
};

struct AuthorRatios {
  std::vector<AuthorGroup> groups;
};

/// All published times of the GPU asked for that the sibling's table can be compared with.
const AuthorRatios& author_ratios(const MeasurementStore& store, const TableSource& source);

/// A published time at its shape: measured. Elsewhere in its categories the sibling's answer times
/// local_ratio(), which fades over four octaves, or, where a link binds, keeps the ratio of the one
/// published shape: scaled. Nothing where no time of these categories was published.
/// Leaving out each of the 116 figures of H800's FP8 products, the median error is 5 % (7 % with
/// all figures of its n and k left out); H100's answers as they are are 29 % off.
std::optional<std::vector<Price>> author_prices(const MeasurementStore& store,
                                                const TableSource& source,
                                                const std::vector<std::string>& categories,
                                                const std::vector<double>& axes);

}  // namespace windtunnel
