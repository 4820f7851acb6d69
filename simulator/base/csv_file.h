// Tables of measurements: comma-separated, a header line, every row as wide as the header. Cells
// may be quoted as in RFC 4180; lines that start with `#` and blank lines are skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/base/source.h"

namespace windtunnel {

/// A table in memory; rows and columns count from 0. Copies share the text.
class CsvTable {
 public:
  std::shared_ptr<const SourceFile> file;
  std::vector<std::string> columns;

  std::size_t row_count() const { return columns.empty() ? 0 : cells_.size() / columns.size(); }

  /// The column called `name`; throws ConfigError at the header if there is none.
  std::size_t column(std::string_view name) const;
  std::optional<std::size_t> find_column(std::string_view name) const;

  /// The text of a cell without its quotes; valid as long as any copy of the table.
  std::string_view cell(std::size_t row, std::size_t column) const;

  /// A finite number; throws ConfigError at the cell for anything else.
  double number(std::size_t row, std::size_t column) const;

  /// As number(), with nullopt for an empty cell.
  std::optional<double> optional_number(std::size_t row, std::size_t column) const;

  /// A whole number (`4096` or `4096.0`); throws ConfigError at the cell for anything else.
  std::int64_t integer(std::size_t row, std::size_t column) const;

  /// Where a cell stands.
  Source source(std::size_t row, std::size_t column) const;

 private:
  friend CsvTable parse_csv(std::string text, std::string path);

  std::vector<std::string_view> cells_;  // into file->text, or into unescaped_
  std::vector<std::size_t> offsets_;     // of each cell in file->text
  std::vector<std::shared_ptr<const std::string>> unescaped_;
};

/// Reads `path`; throws ConfigError for an unreadable file and for whatever parse_csv rejects.
CsvTable load_csv(const std::filesystem::path& path);
CsvTable load_csv(const std::filesystem::path& path, const Source& named_at);

/// Throws ConfigError with line and column for an empty file, an empty or doubled column name, a
/// ragged row, a NUL byte, invalid UTF-8 and broken quotes.
CsvTable parse_csv(std::string text, std::string path);

}  // namespace windtunnel
