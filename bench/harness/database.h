// The results database: every run with every sample, appended to one SQLite file.
#pragma once

#include <filesystem>
#include <span>

#include "bench/harness/result.h"
#include "bench/harness/sqlite.h"

namespace windtunnel::bench {

/// Tables, made where they are missing:
///   run(id, date, gpu, device, driver, cuda, commit_sha, regime, default_mhz)
///   result(id, run, kernel, operation, dtype, implementation, m, n, k, groups, data, launches,
///          buffer_sets, wrong, throttled, broken, notes, median_ns, noise)
///   sample(result, place, ns, mhz)
/// All of the run or nothing is written; throws UsageError with SQLite's message.
void append_to_database(const std::filesystem::path& path, const Run& run,
                        std::span<const Result> results);

/// A row of `run`, its table made where it is missing; its id.
std::int64_t insert_run(SqlFile& file, const Machine& machine, const std::string& commit,
                        const std::string& date, std::string_view regime);

}  // namespace windtunnel::bench
