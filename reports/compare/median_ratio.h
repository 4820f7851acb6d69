// How much longer: the ratio of two medians with its bootstrap interval.
#pragma once

#include <span>

namespace windtunnel {

/// The middle value, or the mean of the two middle ones; `values` is not empty.
double median(std::span<const double> values);

struct RatioInterval {
  double ratio;
  double low;
  double high;
};

/// Median of `second` over that of `first`, all positive, with the percentile bootstrap interval
/// at `level` (Efron 1979). Resampling is not simulated: a resample's median is one of the sample's
/// order statistics, whose probabilities are known, so that the interval is that of infinitely many
/// resamples and no random number is in it.
RatioInterval median_ratio(std::span<const double> first, std::span<const double> second,
                           double level);

}  // namespace windtunnel
