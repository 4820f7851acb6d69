#include "simulator/analysis/published_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/suggestion.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

constexpr std::int64_t kLargestCount = 100'000'000;
constexpr std::int64_t kLongestList = 100'000;

Fields<SetKey> key_fields() {
  return Fields<SetKey>("keys")
      .required("key", &SetKey::key, "of the scenario; model. and cluster. reach into those files")
      .required("product", &SetKey::product, "columns that are multiplied")
      .optional("times", &SetKey::times, between(1, 1e6), "and multiplied by this")
      .optional("over", &SetKey::over, "columns that divide the product")
      .optional("repeat", &SetKey::repeat, "column: a list of so many of them")
      .optional("written", &SetKey::written, "the value, {} standing for the result");
}

Fields<PublishedSet> set_fields() {
  return Fields<PublishedSet>("published set")
      .required("scenario", &PublishedSet::scenario, "template, relative to this file")
      .required("runs", &PublishedSet::runs, "CSV of the runs, relative to this file")
      .required("model", &PublishedSet::model, "as the publication calls it")
      .required("source", &PublishedSet::source, "where the runs are from")
      .required("column", &PublishedSet::column, "measured time of a step")
      .required("unit", &PublishedSet::unit, between(Seconds{1e-12}, Seconds{1e6}),
                "of that column, such as \"1 ms\"")
      .optional("target", &PublishedSet::target, between(0, 10),
                "median absolute error that is aimed at")
      .optional("tolerance", &PublishedSet::tolerance, between(0, 10),
                "median absolute error that still passes")
      .optional("missed", &PublishedSet::missed, "why the target is not met and not gated")
      .optional("unused", &PublishedSet::unused, "columns that need no key")
      .table("keys", &PublishedSet::keys, key_fields(), "what a row changes in the scenario");
}

/// The column that `name` means.
std::size_t column_of(const CsvTable& table, const Sourced<std::string>& name) {
  if (const auto found = table.find_column(name.value)) return *found;
  throw ConfigError(name.source,
                    fmt::format("no column `{}` in the runs{}", name.value,
                                did_you_mean(name.value, table.columns)),
                    fmt::format("{}", fmt::join(table.columns, ", ")));
}

/// Every column that is named exists, and every one that exists is named.
void check_columns(const PublishedSet& set) {
  std::vector<bool> used(set.table.columns.size());
  const auto use = [&](const Sourced<std::string>& name) {
    used[column_of(set.table, name)] = true;
  };
  use(set.column);
  std::for_each(set.unused.begin(), set.unused.end(), use);
  for (const SetKey& key : set.keys) {
    std::for_each(key.product.begin(), key.product.end(), use);
    std::for_each(key.over.begin(), key.over.end(), use);
    if (key.repeat) use(*key.repeat);
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) continue;
    throw ConfigError(set.runs.source,
                      fmt::format("nothing uses the column `{}` of the runs", set.table.columns[i]),
                      "every column in a key, or among `unused`");
  }
  if (set.table.row_count() == 0) {
    throw ConfigError(set.runs.source, "the table has no runs", "at least one row");
  }
}

/// A cell that counts something.
std::int64_t count_at(const PublishedSet& set, std::size_t row, const Sourced<std::string>& name) {
  const std::size_t column = column_of(set.table, name);
  const std::int64_t value = set.table.integer(row, column);
  if (value >= 1 && value <= kLargestCount) return value;
  throw ConfigError(set.table.source(row, column), fmt::format("{} is no count", value),
                    fmt::format("1 to {}", kLargestCount));
}

std::int64_t result_at(const PublishedSet& set, std::size_t row, const SetKey& key) {
  std::int64_t result = key.times.value_or(1);
  const auto place = [&] {
    return set.table.source(row, column_of(set.table, key.product.front()));
  };
  for (const auto& name : key.product) {
    result *= count_at(set, row, name);
    if (result <= kLargestCount) continue;
    throw ConfigError(place(), fmt::format("`{}` becomes too large", key.key.value),
                      fmt::format("up to {}", kLargestCount));
  }
  for (const auto& name : key.over) {
    const std::int64_t divisor = count_at(set, row, name);
    if (result % divisor != 0) {
      throw ConfigError(place(),
                        fmt::format("`{}`: {} does not divide by the {} of `{}`", key.key.value,
                                    result, divisor, name.value),
                        fmt::format("a multiple of {}", divisor));
    }
    result /= divisor;
  }
  return result;
}

std::string value_at(const PublishedSet& set, std::size_t row, const SetKey& key) {
  std::string value = fmt::format("{}", result_at(set, row, key));
  if (key.repeat) {
    const std::int64_t length = count_at(set, row, *key.repeat);
    if (length > kLongestList) {
      throw ConfigError(set.table.source(row, column_of(set.table, *key.repeat)),
                        fmt::format("{} items are too many", length),
                        fmt::format("up to {}", kLongestList));
    }
    const std::vector<std::string> items(static_cast<std::size_t>(length), value);
    value = fmt::format("[{}]", fmt::join(items, ", "));
  }
  if (!key.written) return value;
  std::string written = *key.written;
  const std::size_t braces = written.find("{}");
  return braces == std::string::npos ? written : written.replace(braces, 2, value);
}

Seconds measured_at(const PublishedSet& set, std::size_t row) {
  const std::size_t column = column_of(set.table, set.column);
  const double value = set.table.number(row, column);
  if (value > 0 && value <= 1e12) return set.unit * value;
  throw ConfigError(set.table.source(row, column), "no time that a step can take", "above 0");
}

/// The cells of a row but the measured one.
std::string name_of(const PublishedSet& set, std::size_t row) {
  const std::size_t measured = column_of(set.table, set.column);
  std::string cells;
  for (std::size_t i = 0; i < set.table.columns.size(); ++i) {
    if (i == measured) continue;
    if (!cells.empty()) cells += ",";
    cells += set.table.cell(row, i);
  }
  return fmt::format("line {}: {}", set.table.source(row, 0).line, cells);
}

}  // namespace

FileKeys published_set_keys() { return file_keys(set_fields()); }

PublishedSet load_published_set(const std::filesystem::path& file) {
  PublishedSet set = decode(set_fields(), load_toml(file));
  set.table = load_csv(beside(set.runs), set.runs.source);
  check_columns(set);
  return set;
}

std::vector<PublishedSet> load_all_published_sets(const std::filesystem::path& directory) {
  std::error_code missing;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory, missing)) {
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<PublishedSet> sets;
  for (const auto& path : paths) sets.push_back(load_published_set(path));
  return sets;
}

std::vector<SetRun> set_runs(const PublishedSet& set) {
  std::vector<SetRun> runs;
  for (std::size_t row = 0; row < set.table.row_count(); ++row) {
    SetRun run{.name = name_of(set, row),
               .place = set.table.source(row, 0),
               .changes = {},
               .measured = measured_at(set, row)};
    for (const SetKey& key : set.keys) {
      run.changes.emplace_back(key.key.value, value_at(set, row, key));
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace windtunnel
