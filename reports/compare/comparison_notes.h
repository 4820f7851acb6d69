// What is to be said of a whole comparison before its rows are read.
#pragma once

#include <string>
#include <vector>

#include "reports/compare/result_comparison.h"

namespace windtunnel {

/// Machines that differ, intervals that were widened, a raised minimum effect; and a change that as
/// good as all benchmarks share, which another clock explains as well as the code.
std::vector<std::string> comparison_notes(const ResultComparison& comparison);

}  // namespace windtunnel
