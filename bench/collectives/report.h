// What a sweep leaves behind: a table, a document, rows of the results database, tables that the
// simulator reads.
#pragma once

#include <filesystem>
#include <map>

#include "bench/collectives/sweep.h"

namespace windtunnel::bench {

/// One run of the program.
struct CollectiveRun {
  Machine machine;
  std::string backend;
  std::string commit;
  std::string date;
  int ranks;
  int nodes;
};

/// One line a case, as nccl-tests has them: bytes, elements, us, algorithm's and bus' GB/s.
std::string collective_table(const CollectiveRun& run, std::span<const CollectiveResult> results);

/// `windtunnel/collectives`, version 1.
std::string collective_json(const CollectiveRun& run, std::span<const CollectiveResult> results);

/// Appends to the results database (simulator/results/schema.h): a row of `run`, whose regime is
/// `collectives`, and rows of `collective` and `collective_sample`.
void append_collectives(const std::filesystem::path& file, const CollectiveRun& run,
                        std::span<const CollectiveResult> results);

/// <gpu>/windtunnel-collectives/ with manifest.toml, collectives.csv of everything and, where all
/// ranks are in one node, nccl.csv of what windtunnel prices from. Empty for hosts and for a GPU
/// without an id, and without a result.
std::map<std::filesystem::path, std::string> collective_files(
    const CollectiveRun& run, std::span<const CollectiveResult> results);

}  // namespace windtunnel::bench
