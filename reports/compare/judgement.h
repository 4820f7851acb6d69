// From evidence to an outcome.
#pragma once

#include <optional>
#include <string>

#include "reports/compare/evidence.h"
#include "reports/compare/outcome.h"
#include "reports/compare/shared_change.h"

namespace windtunnel {

/// What is known of a whole comparison when one benchmark is judged.
struct Standard {
  double minimum_effect;  ///< below it nothing is a change
  double equivalence;     ///< an interval within it is no change
  double false_discoveries;
  double widening;       ///< of the intervals: see result_comparison.cc
  double machine_drift;  ///< logarithm of the ratio that a drift of the machine explains
  double machine_step;   ///< logarithm between two levels of it that explain the change, or 0
  SharedChange shared;   ///< what others of the file changed by, too
};

struct Judged {
  Outcome outcome;
  std::string reason;
  /// Undecided only because others share the change: what it is if a second run shows it again. Not
  /// where all do: BASE may have had the other clock, and every run of NEW shows that again.
  std::optional<Outcome> if_again = {};
};

/// +1 where the ratio shows that NEW is slower by `effect` and its interval by half of it, -1 where
/// it is faster, 0 otherwise.
int side_of(const RatioInterval& ratio, double effect);

/// `adjusted_p` is that of the times among all benchmarks; `base_count` and `new_count` their
/// samples.
Judged judge(const Evidence& evidence, double adjusted_p, std::size_t base_count,
             std::size_t new_count, const Standard& standard);

}  // namespace windtunnel
