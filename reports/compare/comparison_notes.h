// What is to be said of a whole comparison before its rows are read.
#pragma once

#include <string>
#include <vector>

#include "reports/compare/result_comparison.h"

namespace windtunnel {

/// Machines that differ, intervals that were widened, a raised minimum effect.
std::vector<std::string> comparison_notes(const ResultComparison& comparison);

}  // namespace windtunnel
