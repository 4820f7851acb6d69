// SQLite as the results database needs it: a file, statements, rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace windtunnel {

/// A NaN becomes NULL, and NULL reads as NaN.
using SqlValue = std::variant<std::int64_t, double, std::string>;
using SqlRow = std::vector<SqlValue>;

/// An open file. Every member throws UsageError with the file's name and SQLite's
/// message.
class SqlFile {
 public:
  explicit SqlFile(const std::filesystem::path& file);
  SqlFile(const SqlFile&) = delete;
  SqlFile& operator=(const SqlFile&) = delete;
  ~SqlFile();

  void execute(const char* sql);
  /// `into` is `table (column, ...)`; the id of the new row.
  std::int64_t insert(std::string_view into, const std::vector<SqlValue>& values);
  /// All rows of a query whose `?` are `values`.
  std::vector<SqlRow> select(const std::string& query, const std::vector<SqlValue>& values = {});

 private:
  std::string problem(int code) const;
  void check(int code) const;
  /// The statement of this text, compiled once; bound to `values`.
  sqlite3_stmt* bound(const std::string& sql, const std::vector<SqlValue>& values);

  std::filesystem::path path_;
  sqlite3* file_ = nullptr;
  std::map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace windtunnel
