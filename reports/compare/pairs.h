// Benchmarks of two files, each with its namesake.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "reports/compare/evidence.h"
#include "reports/compare/result_set.h"
#include "reports/compare/shared_change.h"

namespace windtunnel {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// A benchmark of BASE or NEW or both, and what their samples say.
struct Pair {
  const BenchmarkSamples* base;
  const BenchmarkSamples* now;
  std::optional<Evidence> evidence;
  double adjusted_p = kUnknown;  ///< after Benjamini and Hochberg
  double machine_drift = 0;      ///< logarithm of its ratio that the machine explains
  double machine_step = 0;       ///< logarithm between two levels of it that explain the ratio
  SharedChange shared = {};      ///< what others of the file changed by, too
  bool same_code = false;
  double own_effect = 0;  ///< below it nothing is a change, whatever the machine does
};

/// In the order of `base`, then what only `now` has. The sets must outlive the pairs.
std::vector<Pair> matched(const ResultSet& base, const ResultSet& now);

/// What samples say of every pair that has enough of them on both sides, all tests corrected
/// together. The answer doesn't depend on `threads`.
void weigh_all(std::vector<Pair>& pairs, double level, int threads);

}  // namespace windtunnel
