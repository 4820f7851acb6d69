#include "reports/render/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/render/ink.h"
#include "reports/render/json_parts.h"

namespace windtunnel {
namespace {

const char* health_word(Health health) {
  switch (health) {
    case Health::kFine:
      return "fine";
    case Health::kAbsent:
      return "absent";
    case Health::kBroken:
      return "broken";
  }
  return "";
}

std::set<std::string> not_possible(const std::vector<EnvironmentCheck>& checks) {
  std::set<std::string> what;
  for (const EnvironmentCheck& it : checks) {
    if (it.health != Health::kFine) what.insert(it.needed_for);
  }
  return what;
}

}  // namespace

std::string render_environment_text(const std::vector<EnvironmentCheck>& checks, bool colour) {
  const Ink ink{colour};
  std::string out;
  for (const EnvironmentCheck& it : checks) {
    const std::string word = fmt::format("{:<8}", health_word(it.health));
    out += fmt::format(
        "{:<22}{}{}{}\n", it.name,
        it.health == Health::kFine     ? ink.good(word)
        : it.health == Health::kBroken ? ink.bad(word)
                                       : ink.faint(word),
        it.found, it.health == Health::kFine ? "" : fmt::format(" (needed for {})", it.needed_for));
  }
  const std::set<std::string> missing = not_possible(checks);
  return out + (missing.empty()
                    ? "Everything is there.\n"
                    : fmt::format("Not everything of: {}.\n", fmt::join(missing, ", ")));
}

std::string render_environment_json(const std::vector<EnvironmentCheck>& checks,
                                    const BuildVersion& build) {
  OrderedJson document = document_head("windtunnel/environment", {}, build);
  document["checks"] = list(checks, [](const EnvironmentCheck& it) {
    return OrderedJson{{"name", it.name},
                       {"health", health_word(it.health)},
                       {"found", it.found},
                       {"needed_for", it.needed_for}};
  });
  return document_text(document);
}

}  // namespace windtunnel
