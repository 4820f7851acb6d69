#include "simulator/base/field_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "simulator/base/error.h"
#include "simulator/base/field_rows.h"
#include "simulator/base/suggestion.h"

namespace windtunnel {
namespace {

FieldForm plain_form(FieldType type) { return {type, 0, true, Range{}, std::nullopt, {}, {}}; }

std::string limit_text(const FieldForm& form, double limit) {
  if (form.dimension) return quantity_text(limit, *form.dimension);
  if (form.type == FieldType::kInteger) return fmt::format("{:.0f}", limit);
  return fmt::format("{}", limit);
}

[[noreturn]] void reject(const Node& node, const FieldForm& form, const std::string& message) {
  throw ConfigError(node.source, message, accepted_text(form));
}

[[noreturn]] void reject_kind(const Node& node, const FieldForm& form) {
  reject(node, form, fmt::format("expected {}, not {}", type_text(form), kind_text(node)));
}

/// The value itself if it lies in the form's range; NaN lies in none.
double in_range(const Node& node, const FieldForm& form, double value, std::string_view shown) {
  const Range& range = form.range;
  const bool above_low = range.low_open ? value > range.low : value >= range.low;
  if (above_low && value <= range.high) return value;
  reject(node, form,
         std::isfinite(value) ? fmt::format("{} is out of range", shown)
                              : fmt::format("{} is not a finite number", shown));
}

bool is_printable(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  });
}

}  // namespace

FieldForm boolean_form() { return plain_form(FieldType::kBoolean); }

FieldForm text_form() { return plain_form(FieldType::kText); }

FieldForm value_form() { return plain_form(FieldType::kValue); }

FieldForm names_form() { return plain_form(FieldType::kName); }

FieldForm integer_form(const Range& range, std::int64_t largest) {
  FieldForm form = plain_form(FieldType::kInteger);
  const double limit = static_cast<double>(largest);
  form.range = {std::max(range.low, -limit), std::min(range.high, limit), range.low_open};
  return form;
}

FieldForm number_form(const Range& range) {
  FieldForm form = plain_form(FieldType::kNumber);
  form.range = range;
  return form;
}

FieldForm quantity_form(Dimension dimension, const Range& range) {
  FieldForm form = plain_form(FieldType::kQuantity);
  form.range = range;
  form.dimension = dimension;
  return form;
}

FieldForm table_form(const FieldTable& table) {
  FieldForm form = plain_form(FieldType::kTable);
  form.table = std::make_shared<const FieldTable>(table);
  return form;
}

FieldForm list_form(FieldForm item) {
  ++item.lists;
  return item;
}

std::string type_text(const FieldForm& form) {
  switch (form.type) {
    case FieldType::kBoolean:
      return "true or false";
    case FieldType::kInteger:
      return "an integer";
    case FieldType::kNumber:
      return "a number";
    case FieldType::kText:
      return "a text";
    case FieldType::kName:
      return fmt::format("one of \"{}\"", fmt::join(form.names, "\", \""));
    case FieldType::kQuantity:
      return dimension_name(*form.dimension);
    case FieldType::kValue:
      return "any value";
    case FieldType::kTable:
      break;
  }
  return "a table";
}

std::string range_text(const FieldForm& form) {
  const bool ranged = form.type == FieldType::kInteger || form.type == FieldType::kNumber ||
                      form.type == FieldType::kQuantity;
  if (!ranged) return "";
  return fmt::format("{} {} {} {}", form.range.low_open ? "above" : "from",
                     limit_text(form, form.range.low), form.range.low_open ? "up to" : "to",
                     limit_text(form, form.range.high));
}

std::string accepted_text(const FieldForm& form) {
  std::string text;
  for (int depth = 0; depth < form.lists; ++depth) text += "a list, each item ";
  text += type_text(form);
  if (form.type == FieldType::kText) text += " in quotes, not empty";
  const std::string range = range_text(form);
  if (!range.empty()) text += " " + range;
  if (form.dimension) {
    text += fmt::format(", written with its unit: {}; units: {}",
                        dimension_example(*form.dimension), dimension_units(*form.dimension));
  }
  if (!form.table) return text;
  std::vector<std::string> keys;
  for (const Field& field : form.table->fields) keys.push_back(field.key);
  return text + fmt::format(" with {}", fmt::join(keys, ", "));
}

bool read_boolean(const Node& node) {
  if (const bool* value = std::get_if<bool>(&node.value)) return *value;
  reject_kind(node, boolean_form());
}

std::string read_text(const Node& node) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text) reject_kind(node, text_form());
  if (text->empty()) reject(node, text_form(), "this text is empty");
  if (!is_printable(*text)) reject(node, text_form(), "this text has control characters");
  return *text;
}

std::int64_t read_integer(const Node& node, const FieldForm& form) {
  const auto* value = std::get_if<std::int64_t>(&node.value);
  if (!value) reject_kind(node, form);
  in_range(node, form, static_cast<double>(*value), fmt::format("{}", *value));
  return *value;
}

double read_number(const Node& node, const FieldForm& form) {
  const auto* whole = std::get_if<std::int64_t>(&node.value);
  const auto* number = std::get_if<double>(&node.value);
  if (!whole && !number) reject_kind(node, form);
  const double value = whole ? static_cast<double>(*whole) : *number;
  return in_range(node, form, value, fmt::format("{}", value));
}

double read_quantity(const Node& node, const FieldForm& form) {
  if (std::holds_alternative<std::int64_t>(node.value) ||
      std::holds_alternative<double>(node.value)) {
    reject(node, form, fmt::format("{} needs a unit", type_text(form)));
  }
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text) reject_kind(node, form);
  const auto value = parse_quantity(*text, *form.dimension);
  if (!value) reject(node, form, fmt::format("\"{}\" is not {}", *text, type_text(form)));
  return in_range(node, form, *value, fmt::format("\"{}\"", *text));
}

std::size_t read_name(const Node& node, const FieldForm& form) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text) {
    reject(node, form, fmt::format("expected a name, not {}", kind_text(node)));
  }
  const auto found = std::find(form.names.begin(), form.names.end(), *text);
  if (found != form.names.end()) return static_cast<std::size_t>(found - form.names.begin());
  reject(node, form, fmt::format("unknown name `{}`{}", *text, did_you_mean(*text, form.names)));
}

const std::vector<Node>& read_list(const Node& node, const FieldForm& item) {
  if (const auto* list = std::get_if<std::vector<Node>>(&node.value)) return *list;
  reject(node, list_form(item), fmt::format("expected a list, not {}", kind_text(node)));
}

const Table& read_table(const Node& node, const FieldTable& table) {
  if (const Table* value = std::get_if<Table>(&node.value)) return *value;
  reject(node, table_form(table), fmt::format("expected a table, not {}", kind_text(node)));
}

}  // namespace windtunnel
