// Two benchmarks of which one gets slower, for tests of what is shown of them.
#pragma once

#include <string>
#include <vector>

#include "reports/compare/history.h"

namespace windtunnel {

inline std::vector<History> sample_history() {
  HistorySeries calm{.benchmark = "calm", .device = "H200", .regime = "burst", .points = {}};
  HistorySeries jumps = calm;
  jumps.benchmark = "jumps";
  for (int i = 0; i < 20; ++i) {
    const double noise = 1 + 0.001 * ((i * 7) % 5);
    const HistoryPoint point{
        .run = i + 1, .commit = "c" + std::to_string(i), .date = "", .seconds = 1e-4 * noise};
    calm.points.push_back(point);
    jumps.points.push_back(point);
    if (i >= 10) jumps.points.back().seconds *= 1.1;
  }
  return find_changes({calm, jumps}, {}, 2);
}

}  // namespace windtunnel
