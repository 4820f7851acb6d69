// Measurements that all their neighbours contradict: a clock that throttled, a host that stalled.
#pragma once

#include <vector>

#include "simulator/hardware/surface.h"

namespace windtunnel {

/// How far off a row must be.
inline constexpr double kOutlierFactor = 3;

/// 0 for each row that lies more than kOutlierFactor above or below all its neighbours, as seen
/// from the trend, where these agree within the same factor. Neighbours are the next measured rows
/// on both sides of an axis with the other axes equal; a row at the end of an axis has none on it.
/// 1 for all other rows.
std::vector<char> usable_rows(const Surface& surface);

}  // namespace windtunnel
