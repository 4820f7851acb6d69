// What a published figure says about its projection.
#pragma once

#include <string>
#include <vector>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// In the order in which a reader wants to see them.
enum class Verdict { kOutside, kWithin, kNoTolerance, kNotComparable };

/// Outside or within the row's tolerance; a row without one, or not comparable, can't fail.
Verdict verdict(const ComparisonRow& row);

/// "outside 10 %", "within 10 %", "no tolerance", "not comparable".
std::string verdict_words(const ComparisonRow& row);

/// The rows with failures first, the largest error leading; the others keep their order by verdict.
std::vector<ComparisonRow> failures_first(std::vector<ComparisonRow> rows);

/// How many rows have this verdict.
int count(const std::vector<ComparisonRow>& rows, Verdict wanted);

}  // namespace windtunnel
