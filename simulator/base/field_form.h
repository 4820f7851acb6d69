// How one value may be written, and the readers of single values. Nothing here knows the struct
// that is being filled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/base/node.h"
#include "simulator/base/quantity_text.h"

namespace windtunnel {

/// Low to high, both included unless `low_open`; quantities in SI units.
struct Range {
  double low;
  double high;
  bool low_open;
};

/// [low, high]
constexpr Range between(double low, double high) { return {low, high, false}; }
/// (low, high]
constexpr Range above(double low, double high) { return {low, high, true}; }
template <typename Tag>
constexpr Range between(Quantity<Tag> low, Quantity<Tag> high) {
  return {low.value, high.value, false};
}
template <typename Tag>
constexpr Range above(Quantity<Tag> low, Quantity<Tag> high) {
  return {low.value, high.value, true};
}

enum class FieldType { kBoolean, kInteger, kNumber, kText, kName, kQuantity, kTable, kValue };

struct FieldTable;

/// What may be written for one key, enough for a message and for a JSON schema.
struct FieldForm {
  FieldType type;
  int lists;                                // 1: an array of it; 2: an array of arrays
  bool may_be_empty;                        // the outer array
  Range range;                              // numbers, quantities (SI); kName: or an integer
  std::optional<Dimension> dimension;       // quantities
  std::vector<std::string> names;           // of kName
  std::shared_ptr<const FieldTable> table;  // of kTable
};

FieldForm boolean_form();
FieldForm text_form();
FieldForm value_form();  // anything: whoever reads it decides
FieldForm integer_form(const Range& range, std::int64_t largest);
FieldForm number_form(const Range& range);
FieldForm quantity_form(Dimension dimension, const Range& range);
FieldForm names_form();
FieldForm table_form(const FieldTable& table);
FieldForm list_form(FieldForm item);

/// `an integer`, `one of "a", "b"`, `a data rate`; of an item, if the form is a list.
std::string type_text(const FieldForm& form);

/// `from 1 to 1024`, or empty for what has no range.
std::string range_text(const FieldForm& form);

/// What `form` accepts, as a message says it: `an integer from 1 to 1024`.
std::string accepted_text(const FieldForm& form);

/// Each reads a value of the form, or throws ConfigError at the value with what is accepted.
bool read_boolean(const Node& node);
std::string read_text(const Node& node);
std::int64_t read_integer(const Node& node, const FieldForm& form);
double read_number(const Node& node, const FieldForm& form);
double read_quantity(const Node& node, const FieldForm& form);
std::size_t read_name(const Node& node, const FieldForm& form);  // the index of the name
const std::vector<Node>& read_list(const Node& node, const FieldForm& item);
const Table& read_table(const Node& node, const FieldTable& table);

}  // namespace windtunnel
