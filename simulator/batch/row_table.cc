#include "simulator/batch/row_table.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <memory>
#include <optional>

#include "simulator/base/error.h"
#include "simulator/base/replacement.h"
#include "simulator/batch/row_text.h"

namespace windtunnel {
namespace {

struct Close {
  void operator()(sqlite3* file) const { sqlite3_close(file); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

/// A new database of one file, without a journal: a broken one is thrown away whole.
class NewDatabase {
 public:
  NewDatabase(const std::filesystem::path& file, std::string shown) : shown_(std::move(shown)) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open(file.c_str(), &opened);
    file_.reset(opened);
    check(code);
    execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN");
  }

  void execute(const std::string& sql) {
    check(sqlite3_exec(file_.get(), sql.c_str(), nullptr, nullptr, nullptr));
  }

  Statement prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(file_.get(), sql.c_str(), -1, &statement, nullptr));
    return Statement(statement);
  }

  void check(int code) const {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    const char* why = file_ ? sqlite3_errmsg(file_.get()) : sqlite3_errstr(code);
    throw UsageError(fmt::format("can't write `{}`: {}", shown_, why));
  }

 private:
  std::string shown_;
  std::unique_ptr<sqlite3, Close> file_;
};

template <typename Number>
std::optional<Number> number(const std::string& cell) {
  Number value{};
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const bool whole = error == std::errc() && end == cell.data() + cell.size();
  return whole ? std::optional(value) : std::nullopt;
}

/// An empty cell stays NULL; one that is no number where the column holds numbers is text, and
/// SQLite's error.
int bind(sqlite3_stmt* statement, int place, const std::string& cell, ColumnType type) {
  if (cell.empty()) return sqlite3_bind_null(statement, place);
  if (type == ColumnType::kWhole || type == ColumnType::kAny) {
    if (const auto whole = number<std::int64_t>(cell)) {
      return sqlite3_bind_int64(statement, place, *whole);
    }
  }
  if (type == ColumnType::kReal || type == ColumnType::kAny) {
    if (const auto real = number<double>(cell)) {
      return sqlite3_bind_double(statement, place, *real);
    }
  }
  return sqlite3_bind_text(statement, place, cell.data(), static_cast<int>(cell.size()),
                           SQLITE_TRANSIENT);
}

std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string table_of(const BatchHead& head) {
  constexpr const char* kTypes[] = {"ANY", "INTEGER", "REAL", "TEXT"};
  std::string sql = "CREATE TABLE points (\"id\" INTEGER PRIMARY KEY";
  for (const Column& column : head.columns) {
    sql += fmt::format(", {} {}", in_quotes(column.name),
                       kTypes[static_cast<std::size_t>(column.type)]);
  }
  return sql + ") STRICT";
}

void insert_head(NewDatabase& database, const MergedRows& rows) {
  database.execute(
      "CREATE TABLE batch (name TEXT, hash TEXT, points INTEGER, missing INTEGER) STRICT");
  const Statement insert = database.prepare("INSERT INTO batch VALUES (?, ?, ?, ?)");
  const Cells cells{rows.head.name, rows.head.hash, fmt::format("{}", rows.head.count),
                    fmt::format("{}", rows.missing)};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    database.check(bind(insert.get(), static_cast<int>(i) + 1, cells[i],
                        i < 2 ? ColumnType::kText : ColumnType::kWhole));
  }
  database.check(sqlite3_step(insert.get()));
}

void insert_rows(NewDatabase& database, const MergedRows& rows) {
  std::string places = "?";
  for (std::size_t i = 0; i < rows.head.columns.size(); ++i) places += ", ?";
  const Statement insert = database.prepare("INSERT INTO points VALUES (" + places + ")");
  for_each_row(rows, [&](std::int64_t id, std::string_view text) {
    const Cells cells = row_cells(text);
    database.check(sqlite3_reset(insert.get()));
    database.check(sqlite3_bind_int64(insert.get(), 1, id));
    for (std::size_t i = 0; i < rows.head.columns.size(); ++i) {
      const std::string none;
      database.check(bind(insert.get(), static_cast<int>(i) + 2, i < cells.size() ? cells[i] : none,
                          rows.head.columns[i].type));
    }
    database.check(sqlite3_step(insert.get()));
  });
}

}  // namespace

void write_rows_csv(std::ostream& out, const MergedRows& rows) {
  Cells names{"id"};
  for (const Column& column : rows.head.columns) names.push_back(column.name);
  out << row_text(names) << '\n';
  for_each_row(rows,
               [&](std::int64_t id, std::string_view text) { out << id << ',' << text << '\n'; });
}

void write_rows_csv(const std::filesystem::path& file, const MergedRows& rows) {
  Replacement written(file);
  errno = 0;
  std::ofstream out(written.file(), std::ios::binary);
  write_rows_csv(out, rows);
  out.close();
  if (!out) cannot_write(file, errno);
  written.finish();
}

void write_rows_sqlite(const std::filesystem::path& file, const MergedRows& rows) {
  Replacement written(file);
  if (written.is_straight()) {
    throw UsageError(fmt::format("can't write `{}`: not a regular file", file.string()));
  }
  {
    NewDatabase database(written.file(), file.string());
    insert_head(database, rows);
    database.execute(table_of(rows.head));
    insert_rows(database, rows);
    database.execute("COMMIT");
  }
  written.finish();
}

}  // namespace windtunnel
