// The type-erased half of fields.h: a table's keys, and the loop over them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "simulator/base/field_form.h"
#include "simulator/base/node.h"

namespace windtunnel {

/// A key of a table and the function that reads its value into the object.
struct Field {
  std::string key;
  FieldForm form;
  bool required;
  std::string doc;
  std::function<void(void* object, const Node& node)> decode;
};

struct FieldTable {
  std::string name;
  std::vector<Field> fields;
};

/// One line of a schema.
struct FieldRow {
  std::string key;    // dotted; a list of tables as `links[].rate`
  std::string type;   // "an integer", "a list of data rates", ...
  std::string unit;   // "B/s, kB/s, ..." or empty
  std::string range;  // "from 1 to 1024" or empty
  bool required;
  std::string doc;
  FieldForm form;
};

/// A kind of file: what may be written in it, and a check that throws ConfigError for a root that
/// the reader would not take.
struct FileKeys {
  FieldTable table;
  std::function<void(const Node& root)> check;
};

/// Fills `object` key by key; unknown keys are reported before missing ones, since a misspelt key
/// is both.
void decode_fields(const FieldTable& table, const Node& node, void* object);

std::vector<FieldRow> describe(const FieldTable& table);

}  // namespace windtunnel
