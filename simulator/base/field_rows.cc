#include "simulator/base/field_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"

namespace windtunnel {
namespace {

std::vector<std::string> keys_of(const FieldTable& table) {
  std::vector<std::string> keys;
  for (const Field& field : table.fields) keys.push_back(field.key);
  return keys;
}

void reject_unknown(const FieldTable& table, const Table& written) {
  const std::vector<std::string> keys = keys_of(table);
  for (const Entry& entry : written.entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
    throw ConfigError(entry.key_source,
                      fmt::format("unknown key `{}` in {}{}", entry.key, table.name,
                                  did_you_mean(entry.key, keys)),
                      fmt::format("{}", fmt::join(keys, ", ")));
  }
}

void decode_field(const FieldTable& table, const Field& field, const Table& written, void* object) {
  const Entry* entry = written.find(field.key);
  if (!entry) {
    if (!field.required) return;
    throw ConfigError(written.source, fmt::format("{} lacks the key `{}`", table.name, field.key),
                      fmt::format("{} = {} ({})", field.key, accepted_text(field.form), field.doc));
  }
  const auto* list = std::get_if<std::vector<Node>>(&entry->value.value);
  if (field.form.lists > 0 && !field.form.may_be_empty && list && list->empty()) {
    throw ConfigError(entry->value.source, "this list is empty",
                      accepted_text(field.form) + ", at least one");
  }
  field.decode(object, entry->value);
}

void describe_into(const FieldTable& table, const std::string& prefix,
                   std::vector<FieldRow>& rows) {
  for (const Field& field : table.fields) {
    const FieldForm& form = field.form;
    const std::string key = prefix + field.key + (form.lists > 0 && form.table ? "[]" : "");
    const std::string type = (form.lists > 0 ? "a list of: " : "") + type_text(form);
    rows.push_back({key, type, form.dimension ? dimension_units(*form.dimension) : "",
                    range_text(form), field.required, field.doc, form});
    if (form.table) describe_into(*form.table, key + ".", rows);
  }
}

}  // namespace

void decode_fields(const FieldTable& table, const Node& node, void* object) {
  const Table& written = read_table(node, table);
  reject_unknown(table, written);
  for (const Field& field : table.fields) decode_field(table, field, written, object);
}

std::vector<FieldRow> describe(const FieldTable& table) {
  std::vector<FieldRow> rows;
  describe_into(table, "", rows);
  return rows;
}

}  // namespace windtunnel
