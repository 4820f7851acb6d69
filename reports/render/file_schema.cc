#include "reports/render/file_schema.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "simulator/analysis/published.h"
#include "simulator/analysis/published_set.h"
#include "simulator/base/fields.h"
#include "simulator/hardware/cluster.h"
#include "simulator/hardware/gpu.h"
#include "simulator/hardware/manifest.h"
#include "simulator/hardware/step_price.h"
#include "simulator/model/architecture.h"
#include "simulator/study/campaign.h"
#include "simulator/study/sweep_spec.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDialect = "https://json-schema.org/draft/2020-12/schema";
constexpr const char* kPrintable = "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]+$";

/// What a file holds: every key that it needs, or, with `extends`, what differs from another.
enum class Extent { kWhole, kExtending };

Json table_schema(const FieldTable& table, Extent extent);

Json limits(const char* type, const Range& range) {
  const auto number = [&](double value) {
    const bool whole = std::string_view(type) == "integer";
    return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
  };
  return {{"type", type},
          {range.low_open ? "exclusiveMinimum" : "minimum", number(range.low)},
          {"maximum", number(range.high)}};
}

Json item_schema(const FieldForm& form, Extent extent) {
  switch (form.type) {
    case FieldType::kBoolean:
      return {{"type", "boolean"}};
    case FieldType::kInteger:
      return limits("integer", form.range);
    case FieldType::kNumber:
      return limits("number", form.range);
    case FieldType::kText:
      return {{"type", "string"}, {"pattern", kPrintable}};
    case FieldType::kName:
      if (form.range.high > form.range.low) {
        return {{"anyOf",
                 {Json{{"type", "string"}, {"enum", form.names}}, limits("integer", form.range)}}};
      }
      return {{"type", "string"}, {"enum", form.names}};
    case FieldType::kQuantity:
      return {{"type", "string"},
              {"pattern", dimension_pattern(*form.dimension, form.range.low < 0)}};
    case FieldType::kValue:
      return Json::object();
    case FieldType::kTable:
      break;
  }
  return table_schema(*form.table, extent);
}

std::string description(const Field& field) {
  const FieldForm& form = field.form;
  std::string text = field.doc;
  if (!form.dimension) return text;
  if (!text.empty()) text += ": ";
  return text + fmt::format("{} {}, such as {}", type_text(form), range_text(form),
                            dimension_example(*form.dimension));
}

/// A list in an extending file replaces the other's: its items are whole.
Json field_schema(const Field& field, Extent extent) {
  const FieldForm& form = field.form;
  Json schema = item_schema(form, form.lists > 0 ? Extent::kWhole : extent);
  for (int depth = 0; depth < form.lists; ++depth) {
    schema = Json{{"type", "array"}, {"items", std::move(schema)}};
  }
  if (form.lists > 0 && !form.may_be_empty) schema["minItems"] = 1;
  const std::string text = description(field);
  if (!text.empty()) schema["description"] = text;
  return schema;
}

Json table_schema(const FieldTable& table, Extent extent) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Field& field : table.fields) {
    properties[field.key] = field_schema(field, extent);
    if (field.required && extent == Extent::kWhole) required.push_back(field.key);
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Json extending_schema(const FieldTable& table) {
  Json schema = table_schema(table, Extent::kExtending);
  schema["properties"]["extends"] = {
      {"type", "string"},
      {"pattern", kPrintable},
      {"description", "another file, relative to this one: what is not said here is as there"}};
  schema["required"] = {"extends"};
  return schema;
}

std::vector<FileKind> make_kinds() {
  return {
      {"scenario", "a run to simulate: scenarios/", scenario_keys()},
      {"campaign", "a run of several stages: scenarios/", campaign_keys()},
      {"reinforcement", "reinforcement learning: scenarios/", reinforcement_keys()},
      {"serving", "a deployment to simulate: scenarios/", serving_keys()},
      {"sweep", "a grid of scenarios: scenarios/sweeps/", sweep_keys()},
      {"model", "an architecture: scenarios/models/", architecture_keys()},
      {"cluster", "nodes and links: topologies/", cluster_keys()},
      {"gpu", "a GPU's data sheet: topologies/gpus/", file_keys(gpu_fields())},
      {"published", "figures to compare with: scenarios/published/", published_keys()},
      {"published_set", "runs to compare with: scenarios/published/sets/", published_set_keys()},
      {"manifest", "where tables are from: bench/measurements/", file_keys(manifest_fields())},
      {"step", "a traced step: bench/measurements/", step_keys()}};
}

}  // namespace

const std::vector<FileKind>& file_kinds() {
  static const std::vector<FileKind> kinds = make_kinds();
  return kinds;
}

std::string render_schema(const std::vector<FileKind>& kinds) {
  Json any = Json::array();
  Json definitions = Json::object();
  std::string names;
  const auto define = [&](const std::string& name, std::string what, Json schema) {
    Json titled = {{"title", std::move(what)}};
    titled.update(schema);
    definitions[name] = std::move(titled);
    any.push_back({{"$ref", "#/$defs/" + name}});
  };
  for (const FileKind& kind : kinds) {
    const std::string name(kind.name);
    const std::string what(kind.what);
    define(name, what, table_schema(kind.keys.table, Extent::kWhole));
    define(name + "_extending", what + ", what differs from the file it extends",
           extending_schema(kind.keys.table));
    names += (names.empty() ? "" : ", ") + name;
  }
  const Json schema = {{"$schema", kDialect},
                       {"title", "Windtunnel files: " + names},
                       {"anyOf", std::move(any)},
                       {"$defs", std::move(definitions)}};
  return schema.dump(2) + "\n";
}

}  // namespace windtunnel
