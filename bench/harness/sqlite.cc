#include "bench/harness/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <memory>

#include "simulator/base/error.h"

namespace windtunnel::bench {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

void check(sqlite3* file, int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  throw UsageError(fmt::format("results database: {}", sqlite3_errmsg(file)));
}

void bind(sqlite3* file, sqlite3_stmt* statement, int place, const SqlValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    check(file, sqlite3_bind_int64(statement, place, *whole));
  } else if (const auto* real = std::get_if<double>(&value)) {
    check(file, sqlite3_bind_double(statement, place, *real));
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    // The variant outlives the step; SQLite need not copy.
    check(file, sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()),
                                  nullptr));
  }
}

}  // namespace

SqlFile::SqlFile(const std::filesystem::path& file) {
  const int opened = sqlite3_open(file.c_str(), &file_);
  if (opened == SQLITE_OK) return;
  const std::string why = fmt::format("results database: {}", sqlite3_errmsg(file_));
  sqlite3_close(file_);
  throw UsageError(why);
}

SqlFile::~SqlFile() { sqlite3_close(file_); }

void SqlFile::execute(const char* sql) {
  check(file_, sqlite3_exec(file_, sql, nullptr, nullptr, nullptr));
}

std::int64_t SqlFile::insert(std::string_view into, const std::vector<SqlValue>& values) {
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) places += i == 0 ? "?" : ", ?";
  const std::string sql = fmt::format("INSERT INTO {} VALUES ({})", into, places);
  sqlite3_stmt* raw = nullptr;
  check(file_, sqlite3_prepare_v2(file_, sql.c_str(), -1, &raw, nullptr));
  const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
  for (std::size_t i = 0; i < values.size(); ++i) {
    bind(file_, raw, static_cast<int>(i) + 1, values[i]);
  }
  check(file_, sqlite3_step(raw));
  return sqlite3_last_insert_rowid(file_);
}

}  // namespace windtunnel::bench
