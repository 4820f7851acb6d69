#include "simulator/results/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <limits>
#include <utility>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

int bind(sqlite3_stmt* statement, int place, const SqlValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, place, *whole);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, place, *real);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    // The variant outlives the step; SQLite need not copy.
    return sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()),
                             nullptr);
  }
  return SQLITE_OK;
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

SqlFile::SqlFile(const std::filesystem::path& file) : path_(file) {
  const int opened = sqlite3_open(file.c_str(), &file_);
  if (opened == SQLITE_OK) return;
  const std::string why = problem(opened);
  sqlite3_close(file_);
  throw UsageError(why);
}

std::string SqlFile::problem(int code) const {
  const char* accepted = "";
  if (code == SQLITE_NOTADB) {
    accepted = "; accepted: a file that `windtunnel import` or a benchmark made";
  } else if (code == SQLITE_CANTOPEN) {
    accepted = "; accepted: a file in a folder that exists and may be written to";
  }
  return fmt::format("results database `{}`: {}{}", path_.string(), sqlite3_errmsg(file_),
                     accepted);
}

void SqlFile::check(int code) const {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  throw UsageError(problem(code));
}

SqlFile::~SqlFile() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(file_);
}

void SqlFile::execute(const char* sql) {
  check(sqlite3_exec(file_, sql, nullptr, nullptr, nullptr));
}

sqlite3_stmt* SqlFile::bound(const std::string& sql, const std::vector<SqlValue>& values) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    check(sqlite3_prepare_v2(file_, sql.c_str(), -1, &statement, nullptr));
  }
  sqlite3_reset(statement);
  for (std::size_t i = 0; i < values.size(); ++i) {
    check(bind(statement, static_cast<int>(i) + 1, values[i]));
  }
  return statement;
}

std::int64_t SqlFile::insert(std::string_view into, const std::vector<SqlValue>& values) {
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) places += i == 0 ? "?" : ", ?";
  sqlite3_stmt* statement = bound(fmt::format("INSERT INTO {} VALUES ({})", into, places), values);
  check(sqlite3_step(statement));
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
  check(code);
  sqlite3_reset(statement);
  return rows;
}

}  // namespace windtunnel
