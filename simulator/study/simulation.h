// One scenario in, one projection out: price, lower, run, analyse, fold the run, vary what is
// assumed.
#pragma once

#include <filesystem>

#include "simulator/analysis/projection.h"
#include "simulator/base/progress.h"
#include "simulator/hardware/price_book.h"
#include "simulator/workload/member_loads.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

enum class Fidelity { kFolded, kFull };

/// `root` holds bench/measurements, topologies/gpus and scenarios/published; `progress` may be
/// empty. Without `intervals` lows and highs are the values, and assumptions have no effects;
/// without `whole_run` there is no run. Both are most of the work.
struct SimulationOptions {
  Fidelity fidelity;
  int threads;
  std::filesystem::path root;
  Progress progress = {};
  bool critical = false;  ///< also what the step's critical path is due to
  bool intervals = true;
  bool whole_run = true;
  std::filesystem::path measurements = {};  ///< the user's own, as import-trace writes them
  LoadShelf* shelf = nullptr;  ///< shared with other scenarios (step.h); null: this one's own
};

/// Projects `scenario`. The same bytes for any number of threads, apart from `engine`; throws
/// ConfigError where something the scenario needs has no price, and UsageError where folded steps
/// cannot stand for its ranks.
Projection simulate(const Scenario& scenario, const SimulationOptions& options);

/// The same from prices at hand, without inputs and published figures: one of many scenarios.
Projection simulate(const Scenario& scenario, const PriceBook& book,
                    const SimulationOptions& options);

/// The publications about the file `path` beside `projection`, whose step is that of `scenario`;
/// `changed`: by --set.
std::vector<ComparisonRow> published_rows(const std::filesystem::path& path, bool changed,
                                          const Projection& projection, const Scenario& scenario,
                                          const std::filesystem::path& root);

}  // namespace windtunnel
