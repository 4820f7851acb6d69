#include "bench/harness/csv.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace windtunnel::bench {
namespace {

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> cells;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(',', start), line.size());
    cells.emplace_back(line.substr(start, end - start));
    start = end + 1;
  }
  return cells;
}

}  // namespace

std::vector<Row> parse_csv(std::string_view text, std::string_view name) {
  std::vector<Row> rows;
  std::vector<std::string> header;
  int line_number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    start = end + 1;
    ++line_number;
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> cells = split(line);
    if (header.empty()) {
      header = cells;
      continue;
    }
    if (cells.size() != header.size()) {
      throw std::runtime_error(fmt::format("{}:{}: {} cells under {} columns", name, line_number,
                                           cells.size(), header.size()));
    }
    Row row;
    for (std::size_t i = 0; i < cells.size(); ++i) row[header[i]] = cells[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

double number(const Row& row, std::string_view column, double otherwise) {
  const auto cell = row.find(column);
  if (cell == row.end()) throw std::runtime_error(fmt::format("no column `{}`", column));
  const std::string& text = cell->second;
  if (text.empty()) return otherwise;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error(fmt::format("column {}: `{}` is no number", column, text));
  }
  return value;
}

}  // namespace windtunnel::bench
