#include "simulator/study/sweep_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

struct AxisText {
  Sourced<std::string> key;
  std::vector<Node> values;
  std::optional<Node> from;
  std::optional<Node> to;
  std::optional<Node> step;
  std::optional<double> factor;
  std::optional<bool> logarithmic;
};

constexpr double kMostSettings = 1e12;
constexpr double kSlack = 1e-9;  // of a step: 0.1 three times is not quite 0.3

Fields<AxisText> axis_fields() {
  return Fields<AxisText>("axes")
      .required("key", &AxisText::key, "of the scenario, dotted; model. and cluster. reach on")
      .optional("values", &AxisText::values, "the values that it takes, one after the other")
      .optional("from", &AxisText::from, "or numbers: the first, with its unit")
      .optional("to", &AxisText::to, "none is larger")
      .optional("step", &AxisText::step, "from one to the next, with the unit")
      .optional("factor", &AxisText::factor, above(1, 1e9), "or one over the one before")
      .optional("logarithmic", &AxisText::logarithmic,
                "of samples without step and factor: each decade is as likely");
}

/// A number and what stands behind it.
struct Measure {
  double value;
  std::string unit;
  bool whole;
};

Measure measure_of(const Node& node) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) {
    return {static_cast<double>(*whole), "", true};
  }
  if (const auto* real = std::get_if<double>(&node.value); real && std::isfinite(*real)) {
    return {*real, "", false};
  }
  if (const auto* text = std::get_if<std::string>(&node.value)) {
    double value = 0;
    const char* end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, value);
    if (error == std::errc() && rest != end && std::isfinite(value)) {
      return {value, std::string(rest, end), false};
    }
  }
  throw ConfigError(node.source, fmt::format("{} makes no range", kind_text(node)),
                    "a number, or a text of a number and its unit: \"400 GB/s\"");
}

Measure in_unit(const Node& node, const std::string& unit) {
  const Measure found = measure_of(node);
  if (found.unit == unit) return found;
  const auto shown = [](const std::string& one) {
    return one.empty() ? std::string("without a unit") : "in `" + one + "`";
  };
  throw ConfigError(node.source,
                    fmt::format("{}, and `from` is {}", shown(found.unit), shown(unit)),
                    "the same unit in from, to and step");
}

[[noreturn]] void reject_range(const Source& place, const std::string& message,
                               const std::string& accepted) {
  throw ConfigError(place, message, accepted);
}

SweepRange range_of(const AxisText& text, const Source& place) {
  if (!text.from || !text.to) {
    reject_range(text.from ? text.from->source : place, "an axis without values",
                 "values = [...], or from and to with step or factor");
  }
  const Measure from = measure_of(*text.from);
  const Measure to = in_unit(*text.to, from.unit);
  SweepRange range{.from = from.value,
                   .to = to.value,
                   .step = {},
                   .factor = text.factor,
                   .logarithmic = text.logarithmic.value_or(false),
                   .unit = from.unit,
                   .whole = from.whole && to.whole,
                   .source = text.from->source};
  if (range.to < range.from) reject_range(text.to->source, "ends below `from`", "from <= to");
  if (text.step) {
    const Measure step = in_unit(*text.step, from.unit);
    if (text.factor) reject_range(text.step->source, "step and factor", "one of them");
    if (!(step.value > 0)) reject_range(text.step->source, "leads nowhere", "a step above 0");
    range.step = step.value;
    range.whole = range.whole && step.whole;
  }
  if ((range.factor || range.logarithmic) && !(range.from > 0)) {
    reject_range(range.source, "no factor leads on from here", "from above 0");
  }
  if (range.factor) range.whole = range.whole && *range.factor == std::floor(*range.factor);
  return range;
}

std::int64_t size_of(const SweepRange& range) {
  double steps = -1;
  if (range.step) steps = (range.to - range.from) / *range.step;
  if (range.factor) steps = std::log(range.to / range.from) / std::log(*range.factor);
  if (steps > kMostSettings) reject_range(range.source, "too many values", "at most 10^12");
  return steps < 0 ? 0 : static_cast<std::int64_t>(std::floor(steps + kSlack)) + 1;
}

/// A number of the range as it is written in a file.
Node number_node(const SweepRange& range, double value) {
  if (range.whole) return {static_cast<std::int64_t>(std::llround(value)), range.source};
  // Twelve digits: 0.1 + 2 x 0.1 is written 0.3.
  const std::string digits = fmt::format("{:.12g}", value);
  if (!range.unit.empty()) return {digits + range.unit, range.source};
  double rounded = value;
  std::from_chars(digits.data(), digits.data() + digits.size(), rounded);
  return {rounded, range.source};
}

/// Leaves of a table with their dotted keys.
void flatten(const Table& table, const std::string& prefix,
             const std::function<void(const SweepKey&, const Node&)>& leaf) {
  for (const Entry& entry : table.entries) {
    const std::string key = prefix + entry.key;
    const Table* inner = std::get_if<Table>(&entry.value.value);
    if (inner != nullptr) {
      flatten(*inner, key + ".", leaf);
    } else {
      leaf({key, entry.key_source}, entry.value);
    }
  }
}

const Table& table_of(const Node& node, const std::string& accepted) {
  const Table* table = std::get_if<Table>(&node.value);
  if (table != nullptr && !table->entries.empty()) return *table;
  throw ConfigError(node.source,
                    table != nullptr ? "an empty table sets nothing"
                                     : fmt::format("expected a table, not {}", kind_text(node)),
                    accepted);
}

}  // namespace

Form<Node> axis_form() {
  return {axis_fields().form().form, [](const Node& table) {
            decode(axis_fields(), table);
            return table;
          }};
}

SweepAxis read_axis(const Node& table) {
  AxisText text = decode(axis_fields(), table);
  SweepAxis axis{
      .keys = {{text.key.value, text.key.source}}, .settings = {}, .range = {}, .size = 0};
  if (text.values.empty()) {
    axis.range = range_of(text, text.key.source);
    axis.size = size_of(*axis.range);
    return axis;
  }
  if (text.from || text.to || text.step || text.factor) {
    throw ConfigError(text.key.source, "values and a range", "one of them");
  }
  for (Node& value : text.values) axis.settings.push_back({std::move(value)});
  axis.size = static_cast<std::int64_t>(axis.settings.size());
  return axis;
}

SweepAxis read_linked(const Node& table) {
  const std::string accepted = "keys with lists of one length: \"parallelism.pipeline\" = [8, 16]";
  SweepAxis axis{.keys = {}, .settings = {}, .range = {}, .size = 0};
  flatten(table_of(table, accepted), "", [&](const SweepKey& key, const Node& value) {
    const auto* list = std::get_if<std::vector<Node>>(&value.value);
    if (list == nullptr || list->empty()) {
      throw ConfigError(value.source, "linked keys go through lists together", accepted);
    }
    if (axis.keys.empty()) axis.settings.resize(list->size());
    if (list->size() != axis.settings.size()) {
      throw ConfigError(value.source,
                        fmt::format("{} values, and `{}` has {}", list->size(),
                                    axis.keys.front().key, axis.settings.size()),
                        accepted);
    }
    axis.keys.push_back(key);
    for (std::size_t i = 0; i < list->size(); ++i) axis.settings[i].push_back((*list)[i]);
  });
  axis.size = static_cast<std::int64_t>(axis.settings.size());
  return axis;
}

SweepAxis read_points(const std::vector<Node>& tables) {
  SweepAxis axis{.keys = {}, .settings = {}, .range = {}, .size = 0};
  for (const Node& table : tables) {
    auto& setting = axis.settings.emplace_back(axis.keys.size());
    flatten(
        table_of(table, "keys and their values"), "", [&](const SweepKey& key, const Node& value) {
          const auto known = std::find_if(axis.keys.begin(), axis.keys.end(),
                                          [&](const SweepKey& it) { return it.key == key.key; });
          const auto place = static_cast<std::size_t>(known - axis.keys.begin());
          if (known == axis.keys.end()) {
            axis.keys.push_back(key);
            setting.emplace_back();
          }
          setting[place] = value;
        });
  }
  for (auto& setting : axis.settings) setting.resize(axis.keys.size());
  axis.size = static_cast<std::int64_t>(axis.settings.size());
  return axis;
}

std::vector<std::optional<Node>> setting_of(const SweepAxis& axis, std::int64_t index) {
  if (!axis.range) return axis.settings[static_cast<std::size_t>(index)];
  const SweepRange& range = *axis.range;
  const auto steps = static_cast<double>(index);
  const double value =
      range.step ? range.from + steps * *range.step : range.from * std::pow(*range.factor, steps);
  return {number_node(range, std::min(value, range.to))};
}

std::vector<std::optional<Node>> drawn_setting(const SweepAxis& axis, double uniform) {
  if (axis.size > 0) {
    const double place = std::floor(uniform * static_cast<double>(axis.size));
    return setting_of(axis, std::min(static_cast<std::int64_t>(place), axis.size - 1));
  }
  const SweepRange& range = *axis.range;
  if (range.whole && !range.logarithmic) {
    return {number_node(range, std::floor(range.from + uniform * (range.to - range.from + 1)))};
  }
  const double value = range.logarithmic ? range.from * std::pow(range.to / range.from, uniform)
                                         : range.from + uniform * (range.to - range.from);
  return {number_node(range, value)};
}

}  // namespace windtunnel
