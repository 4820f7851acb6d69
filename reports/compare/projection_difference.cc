#include "reports/compare/projection_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "reports/compare/attribution.h"
#include "reports/compare/document_fields.h"
#include "reports/compare/result_file.h"
#include "simulator/base/hash.h"

namespace windtunnel {
namespace {

// The machine, and what is told as attribution.
const std::vector<std::string> kLeftOut = {"engine", "windtunnel", "inputs", "schema"};

void check(const JsonFile& file) {
  if (has_schema(file, "windtunnel/projection")) return;
  reject_json(file, file.root, "no projection, as the other file is",
              "a document of `simulate --json`");
}

std::string scenario_name(const JsonFile& file) {
  const JsonValue* scenario = find_json(file.root, "scenario");
  return scenario == nullptr ? "" : json_text(file, *scenario, "name");
}

std::string figures_hash(const std::vector<DocumentField>& fields) {
  std::string all;
  for (const DocumentField& field : fields) all += field.name + "=" + field.text + "\n";
  return content_hash(all);
}

std::vector<FieldDifference> differences(const std::vector<DocumentField>& base,
                                         const std::vector<DocumentField>& now) {
  std::unordered_map<std::string_view, const DocumentField*> after;
  for (const DocumentField& field : now) after.emplace(field.name, &field);
  std::vector<FieldDifference> out;
  for (const DocumentField& field : base) {
    const auto found = after.find(field.name);
    if (found == after.end()) {
      out.push_back({field.name, field.text, "", field.number, std::nullopt, false, ""});
      continue;
    }
    const DocumentField& other = *found->second;
    if (other.text != field.text) {
      out.push_back({field.name, field.text, other.text, field.number, other.number, false, ""});
    }
    after.erase(found);
  }
  for (const DocumentField& field : now) {
    if (!after.contains(field.name)) continue;
    out.push_back({field.name, "", field.text, std::nullopt, field.number, false, ""});
  }
  return out;
}

/// What the scenario says otherwise, by its file or by --set.
std::vector<std::string> settings_of(const std::vector<FieldDifference>& fields) {
  std::vector<std::string> settings;
  for (const FieldDifference& field : fields) {
    if (field.field != "scenario.path" &&
        (field.field.starts_with("scenario.") ||
         matches("provenance.assumptions[*].value", field.field))) {
      settings.push_back(fmt::format("{}: {} to {}", field.field, field.base, field.now));
    }
  }
  return settings;
}

}  // namespace

ProjectionDifference compare_projections(const JsonFile& base, const JsonFile& now,
                                         const std::vector<AcceptedChange>& accepted) {
  check(base);
  check(now);
  const std::vector<DocumentField> after = document_fields(now, kLeftOut);
  ProjectionDifference difference{.base = {base.source->path, content_hash(base.source->text)},
                                  .now = {now.source->path, content_hash(now.source->text)},
                                  .base_name = scenario_name(base),
                                  .new_name = scenario_name(now),
                                  .figures = figures_hash(after),
                                  .fields = differences(document_fields(base, kLeftOut), after),
                                  .attribution = {}};
  difference.attribution = attribute(base, now, settings_of(difference.fields));
  for (FieldDifference& field : difference.fields) {
    for (const AcceptedChange& change : accepted) {
      const bool here = !change.figures || *change.figures == difference.figures;
      if (field.accepted || !here || !matches(change.field, field.field)) continue;
      field.accepted = true;
      field.reason = change.reason;
    }
  }
  return difference;
}

std::size_t unaccepted(const ProjectionDifference& difference) {
  return static_cast<std::size_t>(
      std::count_if(difference.fields.begin(), difference.fields.end(),
                    [](const FieldDifference& field) { return !field.accepted; }));
}

}  // namespace windtunnel
