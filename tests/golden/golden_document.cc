#include "tests/golden/golden_document.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace windtunnel {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 100;

/// The last digits of a sum depend on the machine's library of mathematics; six do not.
void round_numbers(Json& value) {
  if (value.is_number_float()) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value.get<double>());
    value = std::strtod(text, nullptr);
    return;
  }
  if (value.is_structured()) {
    for (Json& inner : value) round_numbers(inner);
  }
}

void write(std::string& out, const Json& value, std::size_t depth, std::size_t used) {
  const std::string whole = value.dump();
  if (!value.is_structured() || value.empty() || used + whole.size() <= kColumns) {
    out += whole;
    return;
  }
  const std::string indent((depth + 1) * 1, ' ');
  out += value.is_object() ? "{\n" : "[\n";
  std::size_t left = value.size();
  for (const auto& item : value.items()) {
    const std::string key = value.is_object() ? Json(item.key()).dump() + ": " : "";
    out += indent + key;
    write(out, item.value(), depth + 1, indent.size() + key.size() + 1);
    out += --left > 0 ? ",\n" : "\n";
  }
  out += std::string(depth, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

std::string golden_document(const std::string& document) {
  Json json = Json::parse(document);
  for (const char* key : {"windtunnel", "engine", "terms"}) json.erase(key);
  for (Json& input : json["inputs"]) input = input["path"];
  // The ranks of a pipeline repeat what their mean says.
  if (json.contains("step")) json["step"].erase("ranks");
  if (json.contains("memory") && json["memory"].is_object()) json["memory"].erase("ranks");
  round_numbers(json);
  std::string out;
  write(out, json, 0, 0);
  return out + "\n";
}

}  // namespace windtunnel
