#include "reports/compare/document_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

namespace windtunnel {
namespace {

constexpr int kDeepest = 32;
// Texts that name an item, in the order in which they are joined.
constexpr std::array kNames = {"model",     "quantity", "what",  "name",   "phase",
                               "iteration", "block",    "layer", "kernel", "setting"};

std::string text_of(const JsonValue& value) { return {value.GetString(), value.GetStringLength()}; }

std::string shown(const JsonValue& value) {
  if (value.IsString()) return text_of(value);
  if (value.IsBool()) return value.GetBool() ? "true" : "false";
  if (value.IsInt64()) return fmt::format("{}", value.GetInt64());
  if (value.IsNumber()) return fmt::format("{}", value.GetDouble());
  return value.IsNull() ? "null" : value.IsArray() ? "[]" : "{}";
}

void add(const JsonFile& file, const JsonValue& value, const std::string& name, int depth,
         std::vector<DocumentField>& fields) {
  if (depth > kDeepest) {
    reject_json(file, value, "the document is nested too deep", "a document of windtunnel");
  }
  if (value.IsObject() && !value.ObjectEmpty()) {
    for (const auto& member : value.GetObject()) {
      add(file, member.value, name + (name.empty() ? "" : ".") + text_of(member.name), depth + 1,
          fields);
    }
    return;
  }
  if (value.IsArray() && !value.Empty()) {
    std::map<std::string, int> seen;
    std::size_t number = 0;
    for (const JsonValue& item : value.GetArray()) {
      std::string called = item_name(item, number++);
      const int before = seen[called]++;
      if (before > 0) called += fmt::format(" #{}", before + 1);
      add(file, item, fmt::format("{}[{}]", name, called), depth + 1, fields);
    }
    return;
  }
  fields.push_back({.name = name,
                    .text = shown(value),
                    .number = value.IsNumber() ? std::optional(value.GetDouble()) : std::nullopt});
}

}  // namespace

std::string item_name(const JsonValue& item, std::size_t number) {
  std::string name;
  for (const char* key : kNames) {
    const JsonValue* value = find_json(item, key);
    if (value != nullptr && value->IsString()) name += (name.empty() ? "" : "/") + text_of(*value);
  }
  if (!name.empty()) return name;
  const JsonValue* rank = find_json(item, "rank");
  if (rank != nullptr && rank->IsInt64()) return fmt::format("rank {}", rank->GetInt64());
  return item.IsString() ? text_of(item) : fmt::format("{}", number);
}

std::vector<DocumentField> document_fields(const JsonFile& file,
                                           const std::vector<std::string>& left_out) {
  std::vector<DocumentField> fields;
  if (!file.root.IsObject()) return fields;
  for (const auto& member : file.root.GetObject()) {
    const std::string key = text_of(member.name);
    if (std::find(left_out.begin(), left_out.end(), key) == left_out.end()) {
      add(file, member.value, key, 1, fields);
    }
  }
  // JSON lets a key stand twice.
  std::unordered_map<std::string, int> seen;
  for (DocumentField& field : fields) {
    const int before = seen[field.name]++;
    if (before > 0) field.name += fmt::format(" #{}", before + 1);
  }
  return fields;
}

}  // namespace windtunnel
