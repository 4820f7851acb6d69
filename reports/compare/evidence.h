// What two samples of one benchmark say, before anything is decided.
#pragma once

#include <cstddef>
#include <optional>

#include "reports/compare/drift.h"
#include "reports/compare/levels.h"
#include "reports/compare/median_ratio.h"
#include "reports/compare/result_set.h"

namespace windtunnel {

/// Fewer samples a side are no evidence.
inline constexpr std::size_t kLeastCompared = 5;

/// The same of times or of clocks taken.
struct Series {
  RatioInterval ratio;
  double p;        ///< of Mann and Whitney
  bool separated;  ///< no value of one side lies within the other
};

struct Evidence {
  Series time;
  std::optional<Series> cycles;  ///< where both sides know the SM clock of every sample
  double base_mhz;               ///< medians; 0 where unknown
  double new_mhz;
  Drift base_drift;
  Drift new_drift;
  std::optional<Levels> base_levels;
  std::optional<Levels> new_levels;
};

/// Both must have kLeastCompared samples.
Evidence weigh(const BenchmarkSamples& base, const BenchmarkSamples& now, double level);

/// Half the interval in logarithms, over the normal quantile of `level`: the standard error that
/// samples without memory would have.
double standard_error(const RatioInterval& ratio, double level);

/// The interval drawn out by `factor` on both sides of the ratio, in logarithms.
RatioInterval widened(const RatioInterval& ratio, double factor);

}  // namespace windtunnel
