#include "reports/compare/attribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "reports/compare/document_fields.h"

namespace windtunnel {
namespace {

std::map<std::string, std::string> hashes_of(const JsonFile& file) {
  std::map<std::string, std::string> hashes;
  for (const JsonValue* input : json_objects(file, file.root, "inputs")) {
    hashes[json_text(file, *input, "path")] = json_text(file, *input, "hash");
  }
  return hashes;
}

std::vector<std::string> changed_inputs(const JsonFile& base, const JsonFile& now) {
  const auto before = hashes_of(base);
  const auto after = hashes_of(now);
  std::vector<std::string> changed;
  for (const auto& [path, hash] : before) {
    const auto found = after.find(path);
    if (found == after.end()) {
      changed.push_back(path + ", only in BASE");
    } else if (found->second != hash) {
      changed.push_back(path);
    }
  }
  for (const auto& [path, hash] : after) {
    if (!before.contains(path)) changed.push_back(path + ", only in NEW");
  }
  return changed;
}

std::string build_of(const JsonFile& file) {
  const JsonValue* program = find_json(file.root, "windtunnel");
  if (program == nullptr) return "";
  return json_text(file, *program, "version") + " " + json_text(file, *program, "commit");
}

struct Term {
  double time_in_step = 0;
  double launches = 0;
  double price = 0;
  std::string source;
};

/// Terms by name; the same name in several places is one.
std::map<std::string, Term> terms_of(const JsonFile& file) {
  std::map<std::string, Term> terms;
  std::size_t number = 0;
  for (const JsonValue* row : json_objects(file, file.root, "terms")) {
    Term& term = terms[item_name(*row, number++)];
    const auto figure = [&](const char* key) { return json_number(file, *row, key).value_or(0); };
    const bool step = find_json(*row, "time_in_step_s") != nullptr;
    term.time_in_step += step ? figure("time_in_step_s") : figure("launches") * figure("time_s");
    term.launches += figure("launches");
    term.price += figure("time_s");
    term.source = json_text(file, *row, "source");
  }
  return terms;
}

struct Moves {
  bool inputs;
  bool code;
};

std::string cause_of(const Term& base, const Term& now, const Moves& moves) {
  if (base.launches != now.launches) {
    return fmt::format("launched {} instead of {} times", now.launches, base.launches);
  }
  if (base.source != now.source) {
    return fmt::format("priced from {}, before from {}", now.source, base.source);
  }
  if (base.price == now.price) return "it runs another number of times in the step";
  if (moves.inputs && moves.code) return "same source: an input, a setting or the code";
  return moves.inputs ? "same source, but an input or a setting differs" : "same inputs: the code";
}

std::vector<MovedTerm> moved_terms(const JsonFile& base, const JsonFile& now, const Moves& moves) {
  const auto before = terms_of(base);
  const auto after = terms_of(now);
  std::vector<MovedTerm> moved;
  for (const auto& [name, term] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      moved.push_back({name, term.time_in_step, 0, "only in BASE"});
    } else if (found->second.time_in_step != term.time_in_step) {
      moved.push_back({name, term.time_in_step, found->second.time_in_step,
                       cause_of(term, found->second, moves)});
    }
  }
  for (const auto& [name, term] : after) {
    if (!before.contains(name)) moved.push_back({name, 0, term.time_in_step, "only in NEW"});
  }
  std::stable_sort(moved.begin(), moved.end(), [](const MovedTerm& a, const MovedTerm& b) {
    return std::abs(a.new_s - a.base_s) > std::abs(b.new_s - b.base_s);
  });
  return moved;
}

}  // namespace

Attribution attribute(const JsonFile& base, const JsonFile& now,
                      std::vector<std::string> settings) {
  Attribution attribution{.inputs = changed_inputs(base, now),
                          .settings = std::move(settings),
                          .build = "",
                          .terms = {}};
  const std::string before = build_of(base);
  const std::string after = build_of(now);
  if (before != after) attribution.build = fmt::format("{} to {}", before, after);
  attribution.terms = moved_terms(
      base, now,
      {!attribution.inputs.empty() || !attribution.settings.empty(), !attribution.build.empty()});
  return attribution;
}

}  // namespace windtunnel
