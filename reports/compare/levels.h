// Whether a sample stands on two levels: a clock that takes one of two rates.
#pragma once

#include <optional>
#include <span>

namespace windtunnel {

/// Two groups of values that a gap parts: the logarithm of the upper level over the lower, and the
/// share of the values above.
struct Levels {
  double gap;
  double upper_share;
};

/// Nothing unless both levels have at least two values and a tenth of them, nine tenths of the
/// variance of the logarithms lie between the levels (Otsu 1979's split), and no value in between.
std::optional<Levels> two_levels(std::span<const double> values);

}  // namespace windtunnel
