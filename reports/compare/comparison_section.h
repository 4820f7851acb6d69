// A comparison as HTML.
#pragma once

#include <string>

#include "reports/compare/result_comparison.h"
#include "reports/render/version.h"

namespace windtunnel {

/// The <section>: counts, a drawing of the intervals, the table, notes.
std::string comparison_section(const ResultComparison& comparison);

/// A page of that section alone.
std::string render_comparison_page(const ResultComparison& comparison, const BuildVersion& build);

}  // namespace windtunnel
