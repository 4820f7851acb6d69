// A shape that was measured on a chip of the same design but not here: that measurement, times the
// ratio of the two GPUs where both were measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/hardware/shape_price.h"

namespace windtunnel {

/// One price a value, or nothing where no peer was measured at exactly this shape and at enough
/// others in common. Peers are the same chip (H100 and H200). The ratio is
/// the median over the nearest common shapes of the same categories, or, where this GPU has none of
/// them, over all common shapes of the table.
std::optional<std::vector<Price>> peer_prices(const MeasurementStore& store,
                                              const TableSource& source,
                                              const std::vector<std::string>& categories,
                                              const std::vector<double>& axes);

}  // namespace windtunnel
