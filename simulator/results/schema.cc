#include "simulator/results/schema.h"

#include <fmt/format.h>

#include <string_view>

namespace windtunnel {
namespace {

constexpr const char* kBenchmarks = R"sql(
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY, date TEXT NOT NULL, gpu TEXT NOT NULL, device TEXT NOT NULL,
  driver TEXT NOT NULL, cuda TEXT NOT NULL, commit_sha TEXT NOT NULL, regime TEXT NOT NULL,
  default_mhz REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS result (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), kernel TEXT NOT NULL,
  operation TEXT NOT NULL, dtype TEXT NOT NULL, implementation TEXT NOT NULL, m INTEGER NOT NULL,
  n INTEGER NOT NULL, k INTEGER NOT NULL, groups INTEGER NOT NULL, data TEXT NOT NULL,
  launches INTEGER NOT NULL, buffer_sets INTEGER NOT NULL, wrong TEXT NOT NULL,
  throttled INTEGER NOT NULL, broken INTEGER NOT NULL, notes TEXT NOT NULL, median_ns REAL,
  noise REAL, code TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS sample (
  result INTEGER NOT NULL REFERENCES result(id), place INTEGER NOT NULL, ns REAL NOT NULL,
  mhz REAL NOT NULL, PRIMARY KEY (result, place)) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kCollectives = R"sql(
CREATE TABLE IF NOT EXISTS collective (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), operation TEXT NOT NULL,
  skew TEXT NOT NULL, backend TEXT NOT NULL, ranks INTEGER NOT NULL, nodes INTEGER NOT NULL,
  elements INTEGER NOT NULL, launches INTEGER NOT NULL, algorithm_bytes REAL NOT NULL,
  bus_bytes REAL NOT NULL, wrong TEXT NOT NULL, note TEXT NOT NULL, median_ns REAL,
  noise REAL) STRICT;
CREATE TABLE IF NOT EXISTS collective_sample (
  collective INTEGER NOT NULL REFERENCES collective(id), place INTEGER NOT NULL, ns REAL NOT NULL,
  PRIMARY KEY (collective, place)) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kImported = R"sql(
CREATE TABLE IF NOT EXISTS imported (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id), tool TEXT NOT NULL,
  file TEXT NOT NULL, hash TEXT NOT NULL, benchmark TEXT NOT NULL, code TEXT NOT NULL,
  failure TEXT NOT NULL, median_ns REAL) STRICT;
CREATE TABLE IF NOT EXISTS imported_sample (
  imported INTEGER NOT NULL REFERENCES imported(id), place INTEGER NOT NULL, ns REAL NOT NULL,
  mhz REAL, PRIMARY KEY (imported, place)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS imported_hash ON imported (hash);
)sql";

// The name of a result, as documents have it: axes without a meaning are left out.
constexpr std::string_view kKernelName = R"sql(kernel || '/' || ltrim(
      CASE WHEN m = 0 THEN '' ELSE '/m:' || m END || CASE WHEN n = 0 THEN '' ELSE '/n:' || n END ||
      CASE WHEN k = 0 THEN '' ELSE '/k:' || k END ||
      CASE WHEN groups = 1 THEN '' ELSE '/groups:' || groups END, '/') || '/data:' || data)sql";
constexpr std::string_view kCollectiveName =
    "operation || '/' || skew || '/bytes:' || (2 * elements)";

constexpr std::string_view kSeries = R"sql(
CREATE VIEW IF NOT EXISTS series (run, benchmark, samples, median_ns) AS
  SELECT run, {0},
    (SELECT count(*) FROM sample WHERE result = result.id), median_ns FROM result
  UNION ALL
  SELECT run, {1},
    (SELECT count(*) FROM collective_sample WHERE collective = collective.id), median_ns
    FROM collective
  UNION ALL
  SELECT run, benchmark, (SELECT count(*) FROM imported_sample WHERE imported = imported.id),
    median_ns FROM imported;
CREATE VIEW IF NOT EXISTS measured (run, benchmark, code, failure, place, ns, mhz) AS
  SELECT run, {0}, code, wrong, place, ns, mhz FROM result
    LEFT JOIN sample ON sample.result = result.id
  UNION ALL
  SELECT run, {1}, '', wrong, place, ns, NULL FROM collective
    LEFT JOIN collective_sample ON collective_sample.collective = collective.id
  UNION ALL
  SELECT run, benchmark, code, failure, place, ns, mhz FROM imported
    LEFT JOIN imported_sample ON imported_sample.imported = imported.id;
)sql";

/// Databases of earlier versions don't know which code a result is of.
void add_code(SqlFile& file) {
  const auto columns =
      file.select("SELECT count(*) FROM pragma_table_info('result') WHERE name = 'code'");
  if (std::get<std::int64_t>(columns.front().front()) == 0) {
    file.execute("ALTER TABLE result ADD COLUMN code TEXT NOT NULL DEFAULT ''");
  }
}

}  // namespace

void make_tables(SqlFile& file) {
  for (const char* part : {kBenchmarks, kCollectives, kImported}) file.execute(part);
  add_code(file);
  file.execute(fmt::format(kSeries, kKernelName, kCollectiveName).c_str());
}

}  // namespace windtunnel
