#include "reports/compare/result_store.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <tuple>
#include <variant>

#include "reports/compare/median_ratio.h"
#include "simulator/base/error.h"
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

}  // namespace

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
  if (!std::filesystem::exists(database)) {
    throw UsageError(
        fmt::format("no results database `{}`: `windtunnel import` makes one", database.string()));
  }
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
