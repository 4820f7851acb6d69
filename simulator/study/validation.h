// Every published figure beside its projection.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulator/analysis/comparison.h"
#include "simulator/analysis/projection.h"
#include "simulator/analysis/set_errors.h"
#include "simulator/base/progress.h"

namespace windtunnel {

struct Validation {
  std::vector<ComparisonRow> rows;  ///< failures first; every run of a set is one
  std::vector<SetSummary> sets;
  std::vector<InputFile> inputs;
};

/// Simulates every scenario that a file of `root`/scenarios/published is about; keeps the rows
/// whose model or quantity contains `filter` in any case. Then every set of runs of
/// `root`/scenarios/published/sets whose name contains it. Throws ConfigError, and UsageError
/// where no row is left: a gate that compares nothing must not pass.
Validation validate(const std::filesystem::path& root, const std::string& filter, int threads,
                    const Progress& progress = {});

}  // namespace windtunnel
