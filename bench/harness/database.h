// The results database: every run with every sample, appended to one SQLite file.
#pragma once

#include <filesystem>
#include <span>

#include "bench/harness/result.h"
#include "simulator/results/sqlite.h"

namespace windtunnel::bench {

/// Rows of the tables `run`, `result` and `sample` (simulator/results/schema.h).
/// All of the run or nothing is written; throws UsageError with SQLite's message.
void append_to_database(const std::filesystem::path& path, const Run& run,
                        std::span<const Result> results);

/// A row of `run`, its table made where it is missing; its id.
std::int64_t insert_run(SqlFile& file, const Machine& machine, const std::string& commit,
                        const std::string& date, std::string_view regime);

}  // namespace windtunnel::bench
