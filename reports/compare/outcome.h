// What is said of a benchmark, and by which rules.
#pragma once

#include <string_view>
#include <vector>

#include "reports/compare/effect_file.h"

namespace windtunnel {

/// In the order in which a reader wants to see them.
enum class Outcome { kRegressed, kUndecided, kImproved, kUnchanged };

/// "REGRESSED", "UNDECIDED", "IMPROVED", "UNCHANGED".
std::string_view outcome_name(Outcome outcome);

/// A change counts where ranks tell the two samples apart (Mann-Whitney, with a share
/// `false_discoveries` over all benchmarks by Benjamini and Hochberg), the ratio of medians is
/// beyond `minimum_effect`, and the near end of its interval at `level` beyond half of that.
struct CompareRules {
  double minimum_effect = 0.02;
  std::vector<MinimumEffect> effects = {};  ///< of benchmarks that have their own
  double false_discoveries = 0.01;
  double level = 0.99;
};

}  // namespace windtunnel
