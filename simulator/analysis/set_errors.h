// How far projections of a set of measured runs are off, in a few numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// A set's name and what its errors should stay within (published_set.h).
struct SetStatement {
  std::string model;
  std::string source;
  std::optional<double> target;
  std::optional<double> tolerance;
  std::string missed;
};

/// Over the runs' |projected / measured - 1|: the median, what nine of ten stay within; the median
/// of the signed errors; and how many lie within the target (0 without one).
struct SetSummary {
  SetStatement statement;
  int runs;
  double median_absolute;
  double p90_absolute;
  double median_signed;
  int within_target;
  std::vector<ComparisonRow> worst;  ///< the largest absolute errors first
};

/// Of at least one run.
SetSummary set_summary(SetStatement statement, const std::vector<ComparisonRow>& runs);

/// The median absolute error exceeds the tolerance; a set without one cannot fail.
bool fails(const SetSummary& set);

}  // namespace windtunnel
