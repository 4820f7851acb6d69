// A comparison for a terminal.
#pragma once

#include <string>

#include "reports/compare/result_comparison.h"

namespace windtunnel {

/// Changes first, then what is undecided; unchanged benchmarks only with `all` or where the whole
/// comparison is short. Then a line of counts, and the notes.
std::string render_comparison_text(const ResultComparison& comparison, bool all, bool colour);

/// Rows in the order in which a reader wants them: by outcome, the largest change first.
std::vector<BenchmarkRow> outcomes_first(std::vector<BenchmarkRow> rows);

/// "+5.1 %", or "n/a".
std::string ratio_text(double ratio);

/// "+4.2 % to +6.0 %", or nothing where there is no interval.
std::string interval_text(const RatioInterval& ratio);

/// "1 regressed, 0 undecided, 0 improved, 19 unchanged".
std::string counts_text(const ResultComparison& comparison);

/// What a row says beside its figures: why, and what cycles and the second run say.
std::string remark_text(const BenchmarkRow& row);

}  // namespace windtunnel
