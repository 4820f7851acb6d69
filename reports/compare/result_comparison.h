// Two files of benchmark results, benchmark by benchmark.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reports/compare/median_ratio.h"
#include "reports/compare/outcome.h"
#include "reports/compare/result_set.h"

namespace windtunnel {

/// One benchmark. What can't be known is NaN: medians without samples, p and the interval's ends
/// with fewer than kLeastCompared a side.
struct BenchmarkRow {
  std::string name;
  std::size_t base_samples;
  std::size_t new_samples;
  double base_s;
  double new_s;
  RatioInterval time;                   ///< new over base, as it was judged
  std::optional<RatioInterval> cycles;  ///< the same of SM clocks taken
  double p;                             ///< Mann-Whitney, two-sided
  double adjusted_p;                    ///< after Benjamini and Hochberg
  Outcome outcome;
  std::string reason;                ///< why it is so, where the figures alone don't say it
  std::optional<double> confirming;  ///< the ratio in the confirming run
};

struct ResultComparison {
  ResultSet base;  ///< without its benchmarks
  ResultSet now;
  std::optional<ResultSet> confirming;
  CompareRules rules;
  double minimum_effect;  ///< that of the rules, or what the same code was off by
  double widening;        ///< intervals were drawn out so many times; 1 as a rule
  std::vector<std::string> notes;
  std::vector<BenchmarkRow> rows;  ///< in the order of BASE, then what only NEW has
};

/// Judges every benchmark of the two; with `confirming`, a second run of the new code, a change
/// must show in both. The answer doesn't depend on `threads`.
ResultComparison compare_results(const ResultSet& base, const ResultSet& now,
                                 const ResultSet* confirming, const CompareRules& rules,
                                 int threads);

/// How many rows came out so.
std::size_t count_of(const ResultComparison& comparison, Outcome outcome);

}  // namespace windtunnel
