// SQLite as the results database needs it: a file, statements, rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;

namespace windtunnel::bench {

/// A NaN becomes NULL.
using SqlValue = std::variant<std::int64_t, double, std::string>;

/// An open file. Every member throws UsageError with SQLite's message.
class SqlFile {
 public:
  explicit SqlFile(const std::filesystem::path& file);
  SqlFile(const SqlFile&) = delete;
  SqlFile& operator=(const SqlFile&) = delete;
  ~SqlFile();

  void execute(const char* sql);
  /// `into` is `table (column, ...)`; the id of the new row.
  std::int64_t insert(std::string_view into, const std::vector<SqlValue>& values);

 private:
  sqlite3* file_ = nullptr;
};

}  // namespace windtunnel::bench
