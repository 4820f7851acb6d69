// Where a series changed for good: E-divisive (Matteson and James 2014).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace windtunnel {

/// `at` is the first value after the change; `p` that of the permutation test; `ratio` the median
/// of its segment over that of the one before.
struct ChangePoint {
  std::size_t at;
  double p;
  double ratio;
};

struct ChangePointRules {
  std::size_t shortest = 5;  ///< values between two changes, so that a spike is none
  int permutations = 999;
  double p = 0.01;
  double minimum_effect = 0.02;
};

/// Of positive values in their order. A segment is split where the energy distance of its two sides
/// is largest, if hardly any shuffling of the segment reaches it; then its sides are. Shuffles are
/// drawn by counters (base/random.h): the same values give the same answer.
std::vector<ChangePoint> change_points(std::span<const double> values,
                                       const ChangePointRules& rules);

/// n m / (n + m) times the energy distance of the first `split` values and the others: twice the
/// mean distance between the sides less the mean distances within them.
double energy_distance(std::span<const double> values, std::size_t split);

}  // namespace windtunnel
