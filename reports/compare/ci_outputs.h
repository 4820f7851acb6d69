// A comparison as the tools of continuous integration read it.
#pragma once

#include <string>

#include "reports/compare/result_comparison.h"

namespace windtunnel {

/// JUnit XML: a test case a benchmark; a regression is a failure, an undecided one is skipped.
std::string render_junit(const ResultComparison& comparison);

/// GitHub's workflow commands: an error a regression, one warning for all that is undecided.
std::string render_github_annotations(const ResultComparison& comparison);

/// Markdown for $GITHUB_STEP_SUMMARY.
std::string render_step_summary(const ResultComparison& comparison);

/// `customSmallerIsBetter` of github-action-benchmark: NEW's medians in seconds.
std::string render_benchmark_action(const ResultComparison& comparison);

/// OpenMetrics text for node_exporter's textfile collector: gauges, base units, no timestamps.
std::string render_openmetrics(const ResultComparison& comparison);

}  // namespace windtunnel
