// Published figures beside their projections, for the terminal.
#pragma once

#include <string>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/analysis/set_errors.h"

namespace windtunnel {

/// One line a figure, failures first, a count of the verdicts last; where a figure can't be
/// compared the reason stands below it.
std::string render_validation_text(const std::vector<ComparisonRow>& rows, bool colour);

/// One line a set, and below it why its target is not met, where the set says so; empty without
/// sets.
std::string render_set_text(const std::vector<SetSummary>& sets, bool colour);

}  // namespace windtunnel
