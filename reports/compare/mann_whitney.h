// Whether one sample tends to lie above another, by ranks alone: nothing is asked of the shape of
// the noise. Mann and Whitney 1947.
#pragma once

#include <cstddef>
#include <span>

namespace windtunnel {

/// `u` counts the pairs in which `second` is above `first`, a tie being half. `p` is two-sided, of
/// all ways to share the values out between the two: exact up to kExactRanks values, ties too;
/// above, the normal approximation corrected for ties and continuity.
struct RankTest {
  double u;
  double p;
};

inline constexpr std::size_t kExactRanks = 40;

/// Both samples must have values and none may be NaN.
RankTest mann_whitney(std::span<const double> first, std::span<const double> second);

/// The least p that samples of these sizes without ties can have: that of two which don't overlap.
double least_p(std::size_t first, std::size_t second);

}  // namespace windtunnel
