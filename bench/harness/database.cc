#include "bench/harness/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simulator/base/error.h"

namespace windtunnel::bench {
namespace {

constexpr const char* kSchema = R"sql(
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

/// A NaN becomes NULL.
using Value = std::variant<std::int64_t, double, std::string>;

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

void check(sqlite3* database, int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  throw UsageError(fmt::format("results database: {}", sqlite3_errmsg(database)));
}

void execute(sqlite3* database, const char* sql) {
  check(database, sqlite3_exec(database, sql, nullptr, nullptr, nullptr));
}

void bind(sqlite3* database, sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    check(database, sqlite3_bind_int64(statement, place, *whole));
  } else if (const auto* real = std::get_if<double>(&value)) {
    check(database, sqlite3_bind_double(statement, place, *real));
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    // The variant outlives the step; SQLite need not copy.
    check(database, sqlite3_bind_text(statement, place, text->data(),
                                      static_cast<int>(text->size()), nullptr));
  }
}

/// The id of the new row.
std::int64_t insert(sqlite3* database, std::string_view into, const std::vector<Value>& values) {
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) places += i == 0 ? "?" : ", ?";
  const std::string sql = fmt::format("INSERT INTO {} VALUES ({})", into, places);
  sqlite3_stmt* raw = nullptr;
  check(database, sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr));
  const Statement statement(raw);
  for (std::size_t i = 0; i < values.size(); ++i) {
    bind(database, raw, static_cast<int>(i) + 1, values[i]);
  }
  check(database, sqlite3_step(raw));
  return sqlite3_last_insert_rowid(database);
}

std::string joined(const std::vector<std::string>& notes) {
  std::string all;
  for (const std::string& note : notes) all += (all.empty() ? "" : "; ") + note;
  return all;
}

void insert_result(sqlite3* database, std::int64_t run, const Result& result) {
  const KernelShape& shape = result.item.shape;
  const auto summary = summarize_ns(result.collected.samples);
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double median = summary ? summary->median : none;
  const double noise = summary ? summary->noise : none;
  const std::int64_t id = insert(
      database,
      "result (run, kernel, operation, dtype, implementation, m, n, k, groups, data, launches, "
      "buffer_sets, wrong, throttled, broken, notes, median_ns, noise)",
      {run, kernel_name(result.item), std::string(operation_name(shape.operation)),
       std::string(dtype_name(shape.dtype)), result.item.implementation, shape.m, shape.n, shape.k,
       shape.groups, std::string(data_name(result.item.data)), std::int64_t{result.plan.launches},
       std::int64_t{result.plan.buffer_sets}, result.wrong,
       std::int64_t{result.collected.throttled}, std::int64_t{result.collected.broken},
       joined(result.collected.notes), median, noise});
  std::int64_t place = 0;
  for (const Sample& sample : result.collected.samples) {
    insert(database, "sample (result, place, ns, mhz)", {id, place++, sample.ns, sample.mhz});
  }
}

}  // namespace

void append_to_database(const std::filesystem::path& file, const Run& run,
                        std::span<const Result> results) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open(file.c_str(), &raw);
  const Database database(raw);
  check(raw, opened);
  execute(raw, "BEGIN IMMEDIATE");
  execute(raw, kSchema);
  const Machine& machine = run.machine;
  const std::int64_t id =
      insert(raw, "run (date, gpu, device, driver, cuda, commit_sha, regime, default_mhz)",
             {run.date, machine.gpu, machine.device, machine.driver, machine.cuda, run.commit,
              std::string(regime_name(run.regime)), machine.default_mhz});
  for (const Result& result : results) insert_result(raw, id, result);
  execute(raw, "COMMIT");
}

}  // namespace windtunnel::bench
