// What became of benchmarks over many runs.
#pragma once

#include <string>
#include <vector>

#include "reports/compare/change_points.h"
#include "reports/compare/result_store.h"
#include "reports/render/version.h"

namespace windtunnel {

/// A series with its changes.
struct History {
  HistorySeries series;
  std::vector<ChangePoint> changes;
};

/// The changes of every series; doesn't depend on `threads`.
std::vector<History> find_changes(std::vector<HistorySeries> all, const ChangePointRules& rules,
                                  int threads);

/// One line a series with a spark-line, one a change; series that changed come first.
std::string render_history_text(const std::vector<History>& all, bool colour);

/// `windtunnel/history`, version 1.
std::string render_history_json(const std::vector<History>& all, const BuildVersion& build);

}  // namespace windtunnel
