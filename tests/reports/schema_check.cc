#include "tests/reports/schema_check.h"

#include <map>
#include <regex>
#include <set>
#include <stdexcept>

namespace windtunnel {
namespace {

using Json = nlohmann::json;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  throw std::logic_error("unknown type " + type);
}

std::string problem_of_number(const Json& value, const Json& schema) {
  if (!value.is_number()) return "";
  const auto number = value.get<double>();
  if (schema.contains("minimum") && number < schema["minimum"].get<double>()) return "too small";
  if (schema.value("exclusiveMinimum", false) && number <= schema.at("minimum").get<double>()) {
    return "too small";
  }
  if (schema.contains("maximum") && number > schema["maximum"].get<double>()) return "too large";
  return "";
}

std::string problem_of_text(const Json& value, const Json& schema) {
  if (schema.contains("enum")) {
    bool found = false;
    for (const Json& one : schema["enum"]) found = found || one == value;
    if (!found) return value.dump() + " is none of the names";
  }
  if (!value.is_string() || !schema.contains("pattern")) return "";
  // Few patterns, many texts: compiling them is what costs.
  static std::map<std::string, std::regex> compiled;
  const auto& text = schema["pattern"].get_ref<const std::string&>();
  const auto pattern = compiled.try_emplace(text, text).first;
  const bool found = std::regex_search(value.get_ref<const std::string&>(), pattern->second);
  return found ? "" : value.dump() + " has no match";
}

std::string problem_of_list(const Json& value, const Json& schema, const Json& root) {
  if (!value.is_array()) return "";
  if (schema.contains("minItems") && value.size() < schema["minItems"].get<std::size_t>()) {
    return "too few items";
  }
  for (const Json& item : value) {
    if (!schema.contains("items")) break;
    const std::string problem = schema_problem(item, schema["items"], root);
    if (!problem.empty()) return "item: " + problem;
  }
  return "";
}

std::string problem_of_object(const Json& value, const Json& schema, const Json& root) {
  if (!value.is_object()) return "";
  static const Json kNone = Json::object();
  const Json& required = schema.contains("required") ? schema["required"] : kNone;
  for (const Json& key : required) {
    if (!value.contains(key.get<std::string>())) return "lacks " + key.get<std::string>();
  }
  const Json& properties = schema.contains("properties") ? schema["properties"] : kNone;
  for (const auto& [key, inner] : value.items()) {
    const auto known = properties.find(key);
    if (known == properties.end()) {
      if (schema.value("additionalProperties", true)) continue;
      return "unknown key " + key;
    }
    const std::string problem = schema_problem(inner, *known, root);
    if (!problem.empty()) return key + ": " + problem;
  }
  return "";
}

std::string problem_of_any(const Json& value, const Json& schema, const Json& root) {
  if (!schema.contains("anyOf")) return "";
  std::string all;
  for (const Json& one : schema["anyOf"]) {
    const std::string problem = schema_problem(value, one, root);
    if (problem.empty()) return "";
    all += (all.empty() ? "" : "; ") + problem;
  }
  return all.empty() ? "no alternative" : all;
}

void check_keywords(const Json& schema) {
  static const std::set<std::string> kKnown{
      "$schema",  "definitions",      "$ref",     "anyOf",   "title",    "description",
      "type",     "properties", "required", "items",   "enum",     "additionalProperties",
      "minItems", "minimum",    "maximum",  "pattern", "examples", "exclusiveMinimum"};
  for (const auto& [keyword, unused] : schema.items()) {
    if (!kKnown.contains(keyword)) throw std::logic_error("unknown keyword " + keyword);
  }
}

}  // namespace

std::string schema_problem(const Json& value, const Json& schema, const Json& root) {
  check_keywords(schema);
  if (schema.contains("$ref")) {
    const auto pointer = schema["$ref"].get<std::string>().substr(1);
    return schema_problem(value, root.at(Json::json_pointer(pointer)), root);
  }
  if (schema.contains("type") && !has_type(value, schema["type"].get<std::string>())) {
    return "not of type " + schema["type"].get<std::string>();
  }
  for (const std::string& problem :
       {problem_of_number(value, schema), problem_of_text(value, schema),
        problem_of_list(value, schema, root), problem_of_object(value, schema, root),
        problem_of_any(value, schema, root)}) {
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace windtunnel
