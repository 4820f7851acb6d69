#include "simulator/hardware/measurement_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "simulator/base/error.h"
#include "simulator/base/hash.h"

namespace windtunnel {
namespace {

constexpr double kSecondsPerMicrosecond = 1e-6;

/// Where a shape stands in the file and in its group.
struct Seen {
  std::size_t row;
  std::size_t index;
};

/// Rows of one group while they are collected.
struct Rows {
  std::vector<std::string> categories;
  std::vector<double> axes;
  std::vector<std::vector<double>> seconds;  // value x row
  std::map<std::vector<double>, Seen> seen;

  std::size_t count() const { return seconds.front().size(); }
};

}  // namespace

double positive_number(const CsvTable& file, std::size_t row, std::size_t column) {
  const double value = file.number(row, column);
  constexpr double kLeast = 1e-15, kLargest = 1e15;
  if (value >= kLeast && value <= kLargest) return value;
  throw ConfigError(file.source(row, column),
                    value <= 0 ? fmt::format("{} must be positive", file.columns[column])
                               : fmt::format("{} is out of range", file.columns[column]),
                    fmt::format("a number above 0, up to {:g}", kLargest));
}

std::string category_text(std::string_view cell) {
  constexpr double kLargest = 1e15;  // wholes up to here are exact
  double number = 0;
  const auto [end, failure] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  const bool whole = failure == std::errc() && end == cell.data() + cell.size() &&
                     std::abs(number) <= kLargest && number == std::trunc(number);
  return whole ? fmt::format("{}", static_cast<long long>(number)) : std::string(cell);
}

const MeasurementGroup* find_group(const MeasurementTable& table,
                                   const std::vector<std::string>& categories) {
  const auto found =
      std::find_if(table.groups.begin(), table.groups.end(),
                   [&](const MeasurementGroup& group) { return group.categories == categories; });
  return found == table.groups.end() ? nullptr : &*found;
}

MeasurementTable make_measurement_table(const TableRule& rule, const CsvTable& file) {
  std::vector<std::size_t> category_columns, axis_columns, value_columns;
  for (std::string_view name : rule.categories) category_columns.push_back(file.column(name));
  for (const AxisRule& axis : rule.axes) axis_columns.push_back(file.column(axis.column));
  for (const ValueRule& value : rule.values) value_columns.push_back(file.column(value.column));

  std::vector<Rows> groups;
  std::map<std::vector<std::string_view>, std::size_t> index;
  std::vector<std::string_view> key;
  for (std::size_t row = 0; row < file.row_count(); ++row) {
    key.clear();
    for (std::size_t column : category_columns) key.push_back(file.cell(row, column));
    const auto [entry, is_new] = index.try_emplace(key, groups.size());
    if (is_new) {
      Rows rows;
      for (std::string_view cell : key) rows.categories.push_back(category_text(cell));
      rows.seconds.resize(value_columns.size());
      groups.push_back(std::move(rows));
    }
    Rows& rows = groups[entry->second];
    std::vector<double> axes;
    for (std::size_t column : axis_columns) axes.push_back(positive_number(file, row, column));
    const auto [earlier, is_first] = rows.seen.try_emplace(axes, Seen{row, rows.count()});
    if (!is_first && rule.dated) {
      for (std::size_t i = 0; i < value_columns.size(); ++i) {
        rows.seconds[i][earlier->second.index] =
            positive_number(file, row, value_columns[i]) * kSecondsPerMicrosecond;
      }
      continue;
    }
    if (!is_first) {
      throw ConfigError(file.source(row, 0), "this shape stands here twice", "one row a shape",
                        {{"the first row", file.source(earlier->second.row, 0)}});
    }
    rows.axes.insert(rows.axes.end(), axes.begin(), axes.end());
    for (std::size_t i = 0; i < value_columns.size(); ++i) {
      rows.seconds[i].push_back(positive_number(file, row, value_columns[i]) *
                                kSecondsPerMicrosecond);
    }
  }

  MeasurementTable table = {&rule, content_hash(file.file->text), {}};
  for (Rows& rows : groups) {
    MeasurementGroup group = {rows.categories, {}};
    for (std::vector<double>& seconds : rows.seconds) {
      group.surfaces.push_back(make_surface(rule, rows.categories, rows.axes, std::move(seconds)));
    }
    table.groups.push_back(std::move(group));
  }
  return table;
}

}  // namespace windtunnel
