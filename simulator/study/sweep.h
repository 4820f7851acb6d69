// A sweep as a batch: every point of a specification is simulated, and becomes a row.
#pragma once

#include <filesystem>
#include <string>

#include "simulator/batch/batch.h"
#include "simulator/study/sweep_spec.h"

namespace windtunnel {

/// The last column: why a point has no values, in a sentence; empty where it has.
inline constexpr const char* kErrorColumn = "error";

/// Rows of the keys, the columns and the error. `build` names the program, which results depend on
/// as on every file. A point that makes no scenario, or that nothing prices, is a row with its
/// error. Throws ConfigError for a column that is none. `root` as in SimulationOptions.
Batch sweep_batch(const SweepSpec& spec, const std::filesystem::path& root,
                  const std::string& build);

/// What a dry run estimates from: time of a point on one thread, by a few of them.
struct SweepEstimate {
  int points;
  Seconds each;
};

/// Evaluates points spread over the sweep until a second is over, at least two and at most 16.
SweepEstimate estimate_sweep(const Batch& batch);

}  // namespace windtunnel
