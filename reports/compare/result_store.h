// Results of any tool in and out of the results database (simulator/results/schema.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reports/compare/result_set.h"

namespace windtunnel {

/// Appends a file's results as a run of its own, all or nothing; its id. Nothing where this very
/// file was imported before. `commit` and `date` replace what the file says unless they are empty.
/// Throws UsageError with SQLite's message.
std::optional<std::int64_t> import_results(const std::filesystem::path& database,
                                           const ResultSet& set, const std::string& commit,
                                           const std::string& date);

/// What the database has of `which`: a run by its number, or all runs of a commit, which may be cut
/// to four letters or more, their samples one after another. Throws UsageError where there is none,
/// and where runs of a commit are of several devices, drivers, CUDAs or regimes.
ResultSet read_run(const std::filesystem::path& database, const std::string& which);

/// One benchmark's median in one run.
struct HistoryPoint {
  std::int64_t run;
  std::string commit;
  std::string date;
  double seconds;
};

/// A benchmark on one device in one regime, in the order in which runs were appended.
struct HistorySeries {
  std::string benchmark;
  std::string device;
  std::string regime;
  std::vector<HistoryPoint> points;
};

/// The series whose benchmark contains `filter`, by name. Throws UsageError for what is no database
/// or has no results.
std::vector<HistorySeries> read_history(const std::filesystem::path& database,
                                        const std::string& filter);

}  // namespace windtunnel
