// The coarse part of a time: a sum of work terms with coefficients that are never negative, such as
// launch + FLOPs / rate + bytes / bandwidth. What it misses is interpolated.
#pragma once

#include <span>
#include <vector>

#include "simulator/hardware/table_rules.h"

namespace windtunnel {

/// Seconds a unit of each work term.
using Trend = WorkTerms;

/// The trend with the smallest relative errors, few large errors counting little; `times` are
/// positive, one a row of `terms`, and the first term is 1 everywhere.
Trend fit_trend(const std::vector<WorkTerms>& terms, std::span<const double> times);

/// Seconds of a shape with these terms; positive for a trend that fit_trend() made.
double trend_seconds(const Trend& trend, const WorkTerms& terms);

}  // namespace windtunnel
