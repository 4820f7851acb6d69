// Many measured runs of one kind: a table of them, and how a row of it becomes a scenario. Like all
// that was published, only analysis and what follows it read it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/base/csv_file.h"
#include "simulator/base/field_rows.h"
#include "simulator/base/source.h"

namespace windtunnel {

/// One key of the scenario (`model.` and `cluster.` reach into those files): the product of columns
/// and of `times`, divided by the columns in `over`; as a list of as many of them as the column
/// `repeat` says; put where `written` has its braces.
struct SetKey {
  Sourced<std::string> key;
  std::vector<Sourced<std::string>> product;
  std::optional<std::int64_t> times;
  std::vector<Sourced<std::string>> over;
  std::optional<Sourced<std::string>> repeat;
  std::optional<std::string> written;
};

/// The runs are the rows of the table `runs`, their step times its `column` in `unit`; every other
/// column is used by a key, or said to be `unused`. The median of the absolute errors should be at
/// most `target`; above `tolerance` validation fails; `missed` says why it has none.
struct PublishedSet {
  Sourced<std::string> scenario;
  Sourced<std::string> runs;
  std::string model;
  std::string source;
  Sourced<std::string> column;
  Seconds unit;
  std::optional<double> target;
  std::optional<double> tolerance;
  std::optional<std::string> missed;
  std::vector<Sourced<std::string>> unused;
  std::vector<SetKey> keys;
  CsvTable table;
};

/// A row of the table as a scenario's changed keys, and what was measured of it.
struct SetRun {
  std::string name;  ///< such as "line 5: 2,16,8"
  Source place;
  std::vector<std::pair<std::string, std::string>> changes;  ///< key and value
  Seconds measured;
};

/// Reads a set and its table; throws ConfigError for unknown columns, unused ones, and cells that
/// are no counts or times.
PublishedSet load_published_set(const std::filesystem::path& file);

/// What may be written in such a file.
FileKeys published_set_keys();

/// Every set of `directory` in name order; none where there is no such directory.
std::vector<PublishedSet> load_all_published_sets(const std::filesystem::path& directory);

/// Every row of the set's table; throws ConfigError at a cell that does not divide.
std::vector<SetRun> set_runs(const PublishedSet& set);

}  // namespace windtunnel
