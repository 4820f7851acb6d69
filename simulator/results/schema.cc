#include "simulator/results/schema.h"

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
  noise REAL) STRICT;
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

// Names are those of the documents: axes without a meaning are left out.
constexpr const char* kSeries = R"sql(
CREATE VIEW IF NOT EXISTS series (run, benchmark, samples, median_ns) AS
  SELECT run, kernel || '/' || ltrim(
      CASE WHEN m = 0 THEN '' ELSE '/m:' || m END || CASE WHEN n = 0 THEN '' ELSE '/n:' || n END ||
      CASE WHEN k = 0 THEN '' ELSE '/k:' || k END ||
      CASE WHEN groups = 1 THEN '' ELSE '/groups:' || groups END, '/') || '/data:' || data,
    (SELECT count(*) FROM sample WHERE result = result.id), median_ns FROM result
  UNION ALL
  SELECT run, operation || '/' || skew || '/bytes:' || (2 * elements),
    (SELECT count(*) FROM collective_sample WHERE collective = collective.id), median_ns
    FROM collective
  UNION ALL
  SELECT run, benchmark, (SELECT count(*) FROM imported_sample WHERE imported = imported.id),
    median_ns FROM imported;
)sql";

}  // namespace

void make_tables(SqlFile& file) {
  for (const char* part : {kBenchmarks, kCollectives, kImported, kSeries}) file.execute(part);
}

}  // namespace windtunnel
