#include "simulator/results/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <limits>
#include <utility>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

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

SqlValue cell(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_NULL:
      return std::numeric_limits<double>::quiet_NaN();
    default:
      break;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return std::string(text == nullptr ? "" : text, size);
}

}  // namespace

SqlFile::SqlFile(const std::filesystem::path& file) {
  const int opened = sqlite3_open(file.c_str(), &file_);
  if (opened == SQLITE_OK) return;
  const std::string why = fmt::format("results database: {}", sqlite3_errmsg(file_));
  sqlite3_close(file_);
  throw UsageError(why);
}

SqlFile::~SqlFile() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(file_);
}

void SqlFile::execute(const char* sql) {
  check(file_, sqlite3_exec(file_, sql, nullptr, nullptr, nullptr));
}

sqlite3_stmt* SqlFile::bound(const std::string& sql, const std::vector<SqlValue>& values) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    check(file_, sqlite3_prepare_v2(file_, sql.c_str(), -1, &statement, nullptr));
  }
  sqlite3_reset(statement);
  for (std::size_t i = 0; i < values.size(); ++i) {
    bind(file_, statement, static_cast<int>(i) + 1, values[i]);
  }
  return statement;
}

std::int64_t SqlFile::insert(std::string_view into, const std::vector<SqlValue>& values) {
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) places += i == 0 ? "?" : ", ?";
  sqlite3_stmt* statement = bound(fmt::format("INSERT INTO {} VALUES ({})", into, places), values);
  check(file_, sqlite3_step(statement));
  sqlite3_reset(statement);  // it must not keep the file locked
  return sqlite3_last_insert_rowid(file_);
}

std::vector<SqlRow> SqlFile::select(const std::string& query, const std::vector<SqlValue>& values) {
  sqlite3_stmt* statement = bound(query, values);
  std::vector<SqlRow> rows;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    SqlRow row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) row.push_back(cell(statement, i));
    rows.push_back(std::move(row));
  }
  check(file_, code);
  sqlite3_reset(statement);
  return rows;
}

}  // namespace windtunnel
