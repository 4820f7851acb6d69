// Benchmarks over all runs as a page.
#pragma once

#include <string>
#include <vector>

#include "reports/compare/history.h"

namespace windtunnel {

/// A row a benchmark with a spark-line of its medians, where its changes are marked; the changed
/// ones first and of these the most recent; at most a thousand rows. Nothing in it needs scripts.
std::string render_history_page(const std::vector<History>& all, const BuildVersion& build);

}  // namespace windtunnel
