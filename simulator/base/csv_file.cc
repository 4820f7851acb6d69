#include "simulator/base/csv_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <utility>

#include "simulator/base/csv_rows.h"
#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"
#include "simulator/base/text_file.h"

namespace windtunnel {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr double kLargestInteger = 0x1p53;  // every whole number below is exact in a double

std::string undoubled(std::string_view quoted) {
  std::string text;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    text += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return text;
}

std::optional<double> to_number(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
  double value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  const bool whole = error == std::errc() && end == last && std::isfinite(value);
  return whole ? std::optional(value) : std::nullopt;
}

std::vector<std::string> header(const std::shared_ptr<const SourceFile>& file,
                                const std::vector<CsvCell>& cells) {
  std::vector<std::string> columns;
  for (const CsvCell& cell : cells) {
    std::string name = undoubled(cell.text);
    if (name.empty()) {
      throw ConfigError(source_at(file, cell.offset), "a column without a name",
                        "a header line with the name of every column");
    }
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) {
      throw ConfigError(source_at(file, cell.offset), fmt::format("`{}` is there twice", name),
                        "columns of different names");
    }
    columns.push_back(std::move(name));
  }
  return columns;
}

/// A row must be as wide as the header.
void check_width(const std::shared_ptr<const SourceFile>& file,
                 const std::vector<std::string>& columns, const std::vector<CsvCell>& row) {
  if (row.size() == columns.size()) return;
  const std::size_t at = std::min(row.size() - 1, columns.size());
  throw ConfigError(
      source_at(file, row[at].offset),
      fmt::format("this row has {} cells, the header has {}", row.size(), columns.size()),
      fmt::format("a cell for each of {}", fmt::join(columns, ", ")));
}

}  // namespace

std::size_t CsvTable::column(std::string_view name) const {
  if (const auto found = find_column(name)) return *found;
  throw ConfigError({file, 1, 1},
                    fmt::format("there is no column `{}`{}", name, did_you_mean(name, columns)),
                    fmt::format("a header with `{}`; it has {}", name, fmt::join(columns, ", ")));
}

std::optional<std::size_t> CsvTable::find_column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::string_view CsvTable::cell(std::size_t row, std::size_t column) const {
  assert(column < columns.size() && row < row_count());
  return cells_[row * columns.size() + column];
}

double CsvTable::number(std::size_t row, std::size_t column) const {
  if (const auto value = to_number(cell(row, column))) return *value;
  throw ConfigError(source(row, column), fmt::format("`{}` is not a number", cell(row, column)),
                    fmt::format("a finite number in column `{}`", columns[column]));
}

std::optional<double> CsvTable::optional_number(std::size_t row, std::size_t column) const {
  return cell(row, column).empty() ? std::nullopt : std::optional(number(row, column));
}

std::int64_t CsvTable::integer(std::size_t row, std::size_t column) const {
  const double value = number(row, column);
  if (std::abs(value) <= kLargestInteger && std::trunc(value) == value) {
    return static_cast<std::int64_t>(value);
  }
  throw ConfigError(source(row, column),
                    fmt::format("`{}` is not a whole number", cell(row, column)),
                    fmt::format("a whole number in column `{}`", columns[column]));
}

Source CsvTable::source(std::size_t row, std::size_t column) const {
  assert(column < columns.size() && row < row_count());
  return source_at(file, offsets_[row * columns.size() + column]);
}

CsvTable parse_csv(std::string text, std::string path) {
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  CsvTable table;
  table.file = std::make_shared<const SourceFile>(SourceFile{std::move(path), std::move(text)});
  const std::vector<std::vector<CsvCell>> rows = csv_rows(table.file);
  if (rows.empty()) {
    throw ConfigError({table.file, 1, 1}, "this table is empty",
                      "a header line with the names of the columns, then a line for each row");
  }
  table.columns = header(table.file, rows.front());
  table.cells_.reserve(table.columns.size() * rows.size());
  table.offsets_.reserve(table.columns.size() * rows.size());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    check_width(table.file, table.columns, rows[i]);
    for (const CsvCell& cell : rows[i]) {
      if (cell.escaped) {
        table.unescaped_.push_back(std::make_shared<const std::string>(undoubled(cell.text)));
      }
      table.cells_.push_back(cell.escaped ? std::string_view(*table.unescaped_.back()) : cell.text);
      table.offsets_.push_back(cell.offset);
    }
  }
  return table;
}

CsvTable load_csv(const std::filesystem::path& path) { return load_csv(path, {}); }

CsvTable load_csv(const std::filesystem::path& path, const Source& named_at) {
  return parse_csv(read_text_file(path, named_at), path.string());
}

}  // namespace windtunnel
