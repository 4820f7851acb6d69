#include "simulator/hardware/table_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"
#include "simulator/hardware/author_price.h"
#include "simulator/hardware/shape_price.h"

namespace windtunnel {
namespace {

std::string list_text(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

const TableRule& known_table(std::string_view table) {
  if (const TableRule* rule = find_table_rule(table)) return *rule;
  std::vector<std::string> names;
  for (const TableRule& rule : table_rules()) names.emplace_back(rule.table);
  std::sort(names.begin(), names.end());
  throw UsageError(fmt::format("unknown table `{}`{}\n  tables: {}", table,
                               did_you_mean(table, names), list_text(names)));
}

const Gpu& known_gpu(const MeasurementStore& store, std::string_view id) {
  if (const Gpu* gpu = find_gpu(store.gpus, id)) return *gpu;
  std::vector<std::string> names;
  for (const Gpu& gpu : store.gpus) names.push_back(gpu.id);
  throw UsageError(
      fmt::format("unknown GPU `{}`{}\n  GPUs: {}", id, did_you_mean(id, names), list_text(names)));
}

TableSource known_source(const MeasurementStore& store, const TableRule& rule, const Gpu& gpu) {
  if (const auto source = find_source(store, rule.table, gpu)) return *source;
  throw UsageError(fmt::format("table `{}` has no measurements for GPU `{}`\n  measured on: {}",
                               rule.table, gpu.id, list_text(gpus_with_table(store, rule.table))));
}

/// Which column of the file holds what the rule asks for.
struct ShapeColumns {
  std::vector<std::size_t> categories;
  std::vector<std::size_t> axes;
};

/// Where a column name stands in the file: the header is the first line that is neither blank nor a
/// comment.
Source header_source(const CsvTable& shapes, std::size_t column) {
  Source source = {shapes.file, 1, 1};
  std::string_view text = shapes.file->text;
  while (!text.empty() && (text[0] == '#' || text[0] == '\n' || text[0] == '\r')) {
    if (text[0] != '\r') ++source.line;
    text.remove_prefix(text[0] == '\r' ? 1 : std::min(text.find('\n'), text.size() - 1) + 1);
  }
  const std::string_view header = text.substr(0, text.find('\n'));
  std::size_t from = 0;
  for (std::size_t i = 0; i < column && from != std::string_view::npos; ++i) {
    const std::size_t comma = header.find(',', from);
    from = comma == std::string_view::npos ? comma : comma + 1;
  }
  if (from != std::string_view::npos) source.column = static_cast<int>(from) + 1;
  return source;
}

ShapeColumns shape_columns(const TableRule& rule, const CsvTable& shapes) {
  std::vector<std::string> asked;
  for (std::string_view name : rule.categories) asked.emplace_back(name);
  for (const AxisRule& axis : rule.axes) asked.emplace_back(axis.column);
  std::set<std::string, std::less<>> known(asked.begin(), asked.end());
  for (const ValueRule& value : rule.values) known.emplace(value.column);
  for (std::string_view name : rule.remarks) known.emplace(name);
  for (std::size_t i = 0; i < shapes.columns.size(); ++i) {
    const std::string& name = shapes.columns[i];
    if (known.count(name) > 0) continue;
    throw ConfigError(
        header_source(shapes, i),
        fmt::format("table {} has no column `{}`{}", rule.table, name, did_you_mean(name, asked)),
        list_text(asked));
  }
  ShapeColumns columns;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto found = shapes.find_column(asked[i]);
    if (!found) {
      throw ConfigError(header_source(shapes, 0),
                        fmt::format("table {} needs a column `{}`", rule.table, asked[i]),
                        list_text(asked));
    }
    (i < rule.categories.size() ? columns.categories : columns.axes).push_back(*found);
  }
  return columns;
}

/// Every choice of categories that a source answers for: its own, those that authors published of
/// the GPU asked for, and those of the table that continues it.
std::vector<std::vector<std::string>> known_categories(const MeasurementStore& store,
                                                       const TableSource& source) {
  std::vector<std::vector<std::string>> known;
  const auto add = [&](const auto& groups) {
    for (const auto& group : groups) known.push_back(group.categories);
  };
  add(source.stored->table.groups);
  if (source.measured_on != source.asked_for) add(author_ratios(store, source).groups);
  const std::string_view next = source.stored->table.rule->continued_by;
  const auto more = next.empty() ? std::nullopt : find_source(store, next, *source.asked_for);
  if (more) add(more->stored->table.groups);
  return known;
}

/// Categories that were never measured: points to the first value that occurs nowhere, or, where
/// only the combination is new, lists those that differ least.
[[noreturn]] void throw_never_measured(const MeasurementStore& store, const TableSource& source,
                                       const CsvTable& shapes, const ShapeColumns& columns,
                                       std::size_t row,
                                       const std::vector<std::string>& categories) {
  const MeasurementTable& table = source.stored->table;
  const auto known = known_categories(store, source);
  for (std::size_t i = 0; i < categories.size(); ++i) {
    std::set<std::string> values;
    for (const auto& measured : known) values.insert(measured[i]);
    if (values.count(categories[i]) > 0) continue;
    const std::vector<std::string> list(values.begin(), values.end());
    throw ConfigError(
        shapes.source(row, columns.categories[i]),
        fmt::format("table {} of {} has no {} `{}`{}", table.rule->table, source.measured_on->id,
                    table.rule->categories[i], categories[i], did_you_mean(categories[i], list)),
        list_text(list));
  }
  std::vector<std::pair<int, std::string>> nearest;
  for (const auto& measured : known) {
    int differences = 0;
    for (std::size_t i = 0; i < categories.size(); ++i) {
      differences += measured[i] != categories[i];
    }
    nearest.emplace_back(differences, list_text(measured));
  }
  std::sort(nearest.begin(), nearest.end());
  constexpr std::size_t kShown = 4;
  std::string accepted;
  for (std::size_t i = 0; i < std::min(kShown, nearest.size()); ++i) {
    accepted += (i == 0 ? "" : "; ") + nearest[i].second;
  }
  throw ConfigError(shapes.source(row, columns.categories[0]),
                    fmt::format("table {} of {} has no measurements of {}", table.rule->table,
                                source.measured_on->id, list_text(categories)),
                    accepted + (nearest.size() > kShown ? "; ..." : ""));
}

/// The largest size or work that is a question and no slip of the hand.
constexpr double kLargestSize = 1e18;

double shape_size(const CsvTable& shapes, std::size_t row, std::size_t column) {
  const double size = shapes.number(row, column);
  if (size >= 1 && size <= kLargestSize) return size;
  throw ConfigError(shapes.source(row, column),
                    size <= 0 ? fmt::format("{} must be positive", shapes.columns[column])
                              : fmt::format("{} is out of range", shapes.columns[column]),
                    fmt::format("a number from 1 to {:g}", kLargestSize));
}

std::string csv_text(std::string_view text) {
  if (text.find_first_of(",\"\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string basis_text(Basis basis) {
  if (basis == Basis::kMeasured) return "measured";
  return basis == Basis::kScaled ? "scaled" : "estimated";
}

/// "seconds" has the interval low_s, high_s; "dispatch_s" has dispatch_low_s, dispatch_high_s.
std::string interval_column(std::string_view answer, std::string_view end) {
  if (answer == "seconds") return fmt::format("{}_s", end);
  return fmt::format("{}_{}_s", answer.substr(0, answer.size() - 2), end);
}

}  // namespace

std::vector<PricedRow> price_rows(const MeasurementStore& store, std::string_view table,
                                  std::string_view gpu_id, const CsvTable& shapes) {
  const TableRule& rule = known_table(table);
  const Gpu& gpu = known_gpu(store, gpu_id);
  const TableSource source = known_source(store, rule, gpu);
  const ShapeColumns columns = shape_columns(rule, shapes);
  std::vector<PricedRow> priced;
  for (std::size_t row = 0; row < shapes.row_count(); ++row) {
    std::vector<std::string> categories;
    for (std::size_t column : columns.categories) {
      categories.push_back(category_text(shapes.cell(row, column)));
    }
    std::vector<double> axes;
    for (std::size_t column : columns.axes) {
      axes.push_back(shape_size(shapes, row, column));
    }
    auto prices = shape_prices(store, source, categories, axes);
    if (!prices) throw_never_measured(store, source, shapes, columns, row, categories);
    priced.push_back({std::move(*prices)});
  }
  return priced;
}

std::string priced_csv(std::string_view table, const CsvTable& shapes,
                       const std::vector<PricedRow>& rows) {
  const TableRule& rule = known_table(table);
  std::string text = fmt::format("{}", fmt::join(shapes.columns, ","));
  for (const ValueRule& value : rule.values) {
    text += fmt::format(",{},{},{}", value.answer, interval_column(value.answer, "low"),
                        interval_column(value.answer, "high"));
  }
  text += ",provenance,outside_range,source\n";
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < shapes.columns.size(); ++column) {
      text += csv_text(shapes.cell(row, column)) + ",";
    }
    for (const Price& price : rows[row].prices) {
      text +=
          fmt::format("{:.9g},{:.9g},{:.9g},", price.time.value, price.low.value, price.high.value);
    }
    const Provenance& provenance = rows[row].prices.front().provenance;
    text += fmt::format("{},{},{}\n", basis_text(provenance.basis),
                        provenance.outside_range ? "true" : "false", csv_text(provenance.source));
  }
  return text;
}

}  // namespace windtunnel
