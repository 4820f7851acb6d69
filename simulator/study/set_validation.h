// A set of measured runs, each simulated as the template scenario with its row's keys.
#pragma once

#include <filesystem>
#include <vector>

#include "simulator/analysis/published_set.h"
#include "simulator/analysis/set_errors.h"
#include "simulator/base/progress.h"
#include "simulator/hardware/price_book.h"

namespace windtunnel {

struct ValidatedSet {
  SetSummary summary;
  std::vector<ComparisonRow> runs;           ///< in the table's order
  std::vector<std::filesystem::path> files;  ///< the set's own, and those of its scenarios
};

/// Folded steps of every run, on `threads` threads. Throws ConfigError for a row that makes no
/// scenario, with a note that says which row.
ValidatedSet validate_set(const PublishedSet& set, const PriceBook& book, int threads,
                          const Progress& progress = {});

}  // namespace windtunnel
