#include "reports/compare/result_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>

#include "reports/compare/median_ratio.h"
#include "reports/compare/result_file.h"
#include "simulator/base/error.h"
#include "simulator/base/hash.h"
#include "simulator/results/schema.h"

namespace windtunnel {
namespace {

constexpr double kNanosecond = 1e-9;

void insert_benchmark(SqlFile& file, std::int64_t run, const ResultSet& set,
                      const BenchmarkSamples& samples) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double middle = samples.seconds.empty() ? none : median(samples.seconds) / kNanosecond;
  const std::int64_t id = file.insert(
      "imported (run, tool, file, hash, benchmark, code, failure, median_ns)",
      {run, set.format, set.path, set.hash, samples.name, samples.code, samples.failure, middle});
  for (std::size_t i = 0; i < samples.seconds.size(); ++i) {
    file.insert("imported_sample (imported, place, ns, mhz)",
                {id, static_cast<std::int64_t>(i), samples.seconds[i] / kNanosecond,
                 samples.mhz.empty() ? none : samples.mhz[i]});
  }
}

std::string text_of(const SqlValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

double number_of(const SqlValue& value) {
  const auto* number = std::get_if<double>(&value);
  return number == nullptr ? std::numeric_limits<double>::quiet_NaN() : *number;
}

void check_exists(const std::filesystem::path& database) {
  if (std::filesystem::exists(database)) return;
  throw UsageError(
      fmt::format("no results database `{}`: `windtunnel import` makes one", database.string()));
}

/// The rows of `run` that `which` means, in the order in which they were appended.
std::vector<SqlRow> runs_of(SqlFile& file, const std::string& which) {
  const std::string columns =
      "SELECT id, device, driver, cuda, regime, commit_sha, date FROM run WHERE ";
  const bool number = !which.empty() && which.find_first_not_of("0123456789") == std::string::npos;
  constexpr std::size_t kLongestNumber = 9;
  if (number && which.size() <= kLongestNumber) {
    auto rows = file.select(columns + "id = ?", {std::int64_t{std::stoi(which)}});
    if (!rows.empty()) return rows;
  }
  constexpr std::size_t kLeastLetters = 4;
  if (which.size() < kLeastLetters) return {};
  return file.select(columns + "substr(commit_sha, 1, ?) = ? ORDER BY id",
                     {static_cast<std::int64_t>(which.size()), which});
}

/// The head of all these runs. Throws where they were not made alike.
ResultSet head_of(const std::vector<SqlRow>& runs, const std::string& which) {
  constexpr std::size_t kCommit = 5;
  for (const SqlRow& run : runs) {
    if (std::equal(run.begin() + 1, run.begin() + kCommit + 1, runs.front().begin() + 1)) continue;
    throw UsageError(fmt::format(
        "`{}` means run {} ({}, {}) and run {} ({}, {}), which can't be compared as one: give a "
        "run's number",
        which, std::get<std::int64_t>(runs.front()[0]), text_of(runs.front()[1]),
        text_of(runs.front()[4]), std::get<std::int64_t>(run[0]), text_of(run[1]),
        text_of(run[4])));
  }
  const SqlRow& last = runs.back();
  return {.path = "",
          .hash = "",
          .format = "database",
          .device = text_of(last[1]),
          .driver = text_of(last[2]),
          .cuda = text_of(last[3]),
          .commit = text_of(last[kCommit]),
          .date = text_of(last[6]),
          .regime = text_of(last[4]),
          .benchmarks = {}};
}

/// Appends a row of the view `measured`; what differs between runs is no longer known.
void add_sample(BenchmarkSamples& samples, const SqlRow& row, bool fresh) {
  const std::string code = text_of(row[1]);
  if (fresh) samples.code = code;
  if (samples.code != code) samples.code.clear();
  if (samples.failure.empty()) samples.failure = text_of(row[2]);
  const double ns = number_of(row[3]);
  if (std::isnan(ns)) return;
  samples.seconds.push_back(ns * kNanosecond);
  // Where some are missing, checked() forgets all.
  if (const double mhz = number_of(row[4]); !std::isnan(mhz)) samples.mhz.push_back(mhz);
}

}  // namespace

ResultSet read_run(const std::filesystem::path& database, const std::string& which) {
  check_exists(database);
  SqlFile file(database);
  make_tables(file);
  const std::vector<SqlRow> runs = runs_of(file, which);
  if (runs.empty()) {
    throw UsageError(fmt::format("`{}` has no run `{}`: it takes a run's number or a commit",
                                 database.string(), which));
  }
  ResultSet set = head_of(runs, which);
  set.path = fmt::format("{} {}", database.string(), which);
  set.hash = file_hash(database);
  std::unordered_map<std::string, std::size_t> places;
  for (const SqlRow& run : runs) {
    for (const SqlRow& row : file.select(
             "SELECT benchmark, code, failure, ns, mhz FROM measured WHERE run = ?", {run[0]})) {
      const auto [found, fresh] = places.emplace(text_of(row[0]), set.benchmarks.size());
      if (fresh) {
        set.benchmarks.push_back(
            {.name = found->first, .seconds = {}, .mhz = {}, .code = "", .failure = ""});
      }
      add_sample(set.benchmarks[found->second], row, fresh);
    }
  }
  for (BenchmarkSamples& samples : set.benchmarks) samples = checked(std::move(samples));
  return set;
}

std::optional<std::int64_t> import_results(const std::filesystem::path& database,
                                           const ResultSet& set, const std::string& commit,
                                           const std::string& date) {
  SqlFile file(database);
  file.execute("BEGIN IMMEDIATE");
  make_tables(file);
  if (!file.select("SELECT id FROM imported WHERE hash = ? LIMIT 1", {set.hash}).empty()) {
    file.execute("ROLLBACK");
    return std::nullopt;
  }
  const std::int64_t run =
      file.insert("run (date, gpu, device, driver, cuda, commit_sha, regime, default_mhz)",
                  {date.empty() ? set.date : date, std::string(), set.device, set.driver, set.cuda,
                   commit.empty() ? set.commit : commit, set.regime, 0.0});
  for (const BenchmarkSamples& samples : set.benchmarks) {
    insert_benchmark(file, run, set, samples);
  }
  file.execute("COMMIT");
  return run;
}

std::vector<HistorySeries> read_history(const std::filesystem::path& database,
                                        const std::string& filter) {
  check_exists(database);
  SqlFile file(database);
  make_tables(file);
  const auto rows = file.select(
      "SELECT benchmark, device, regime, run, commit_sha, date, median_ns FROM series "
      "JOIN run ON run.id = series.run WHERE median_ns > 0 AND instr(benchmark, ?) > 0 "
      "ORDER BY run.id",
      {filter});
  if (rows.empty()) {
    throw UsageError(fmt::format("no result in `{}`{}", database.string(),
                                 filter.empty() ? "" : " whose name contains `" + filter + "`"));
  }
  std::map<std::tuple<std::string, std::string, std::string>, HistorySeries> by_name;
  for (const SqlRow& row : rows) {
    HistorySeries& series = by_name[{text_of(row[0]), text_of(row[1]), text_of(row[2])}];
    series.benchmark = text_of(row[0]);
    series.device = text_of(row[1]);
    series.regime = text_of(row[2]);
    series.points.push_back({.run = std::get<std::int64_t>(row[3]),
                             .commit = text_of(row[4]),
                             .date = text_of(row[5]),
                             .seconds = std::get<double>(row[6]) * kNanosecond});
  }
  std::vector<HistorySeries> all;
  for (auto& [name, series] : by_name) all.push_back(std::move(series));
  return all;
}

}  // namespace windtunnel
