#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/hardware/cluster.h"
#include "simulator/model/architecture.h"
#include "simulator/study/campaign.h"
#include "simulator/study/reinforcement.h"
#include "simulator/study/sweep_spec.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {
namespace {

struct SweepText {
  std::optional<std::string> name;
  Sourced<std::string> scenario;
  std::vector<Node> axes;
  std::vector<Node> linked;
  std::vector<Node> points;
  std::vector<Sourced<std::string>> columns;
  std::optional<bool> intervals;
  std::optional<std::int64_t> samples;
  std::optional<std::int64_t> seed;
};

/// 2^53: ids stay exact wherever they are read as a number.
constexpr double kMostPoints = 9e15;

Fields<SweepText> sweep_fields() {
  return Fields<SweepText>("sweep")
      .optional("name", &SweepText::name, "shown to people")
      .required("scenario", &SweepText::scenario, "any scenario file, relative to this one")
      .custom("axes", &SweepText::axes, axis_form(), false, "keys and the values they go through")
      .optional("linked", &SweepText::linked, "keys with lists, gone through together")
      .optional("points", &SweepText::points, "keys and values, a point each")
      .optional("columns", &SweepText::columns, "names of the projection document to record")
      .optional("intervals", &SweepText::intervals,
                "80 % intervals of every point, at some five times the work")
      .optional("samples", &SweepText::samples, between(1, kMostPoints),
                "so many points, drawn at random")
      .optional("seed", &SweepText::seed, between(0, 9e15), "of the draws");
}

FileKeys keys_of(ScenarioFamily family) {
  switch (family) {
    case ScenarioFamily::kServing:
      return serving_keys();
    case ScenarioFamily::kReinforcement:
      return reinforcement_keys();
    case ScenarioFamily::kCampaign:
      return campaign_keys();
    case ScenarioFamily::kTraining:
      break;
  }
  return scenario_keys();
}

/// Tries settings on what they change: the scenario's keys, or those of a file that it names.
class Trial {
 public:
  Trial(const std::filesystem::path& scenario, const Source& named_at, ScenarioFamily family)
      : root_(load_toml(scenario, named_at)), keys_(keys_of(family)), family_(family) {}

  void operator()(const std::vector<SweepKey>& keys,
                  const std::vector<std::optional<Node>>& values) const {
    Node root = root_;
    std::vector<std::pair<SweepKey, Node>> inner;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!values[i]) continue;
      const bool reaches =
          family_ == ScenarioFamily::kTraining &&
          (keys[i].key.starts_with("model.") || keys[i].key.starts_with("cluster."));
      if (reaches) {
        inner.emplace_back(keys[i], *values[i]);
      } else {
        set_value(root, keys[i].key, keys[i].source, *values[i]);
      }
    }
    keys_.check(root);
    for (const char* part : {"model", "cluster"}) try_inner(root, part, inner);
  }

 private:
  static void try_inner(const Node& root, const std::string& part,
                        const std::vector<std::pair<SweepKey, Node>>& changes) {
    const Node* named = find_node(root, part);
    std::optional<Node> file;
    for (const auto& [key, value] : changes) {
      if (!key.key.starts_with(part + ".") || named == nullptr) continue;
      if (!file) {
        file =
            load_toml(beside({std::get<std::string>(named->value), named->source}), named->source);
      }
      set_value(*file, key.key.substr(part.size() + 1), key.source, value);
    }
    if (!file) return;
    (part == "model" ? architecture_keys() : cluster_keys()).check(*file);
  }

  Node root_;
  FileKeys keys_;
  ScenarioFamily family_;
};

/// A range's values differ in size only: its ends and the first step stand for all.
void try_axis(const Trial& trial, const SweepAxis& axis) {
  if (axis.size == 0) {
    for (const double end : {0.0, 1 - 1e-12}) trial(axis.keys, drawn_setting(axis, end));
    return;
  }
  const bool all = !axis.range;
  for (std::int64_t i = 0; i < axis.size; ++i) {
    if (all || i < 2 || i == axis.size - 1) trial(axis.keys, setting_of(axis, i));
    if (!all && i == 1) i = std::max(i, axis.size - 2);
  }
}

void check_keys(const SweepSpec& spec) {
  std::vector<SweepKey> seen;
  for (const SweepAxis& axis : spec.axes) {
    for (const SweepKey& key : axis.keys) {
      for (const SweepKey& other : seen) {
        const bool same = key.key == other.key || key.key.starts_with(other.key + ".") ||
                          other.key.starts_with(key.key + ".");
        if (!same) continue;
        throw ConfigError(key.source, fmt::format("`{}` is changed twice", key.key),
                          "each key in one axis", {{"it is also changed here", other.source}});
      }
      seen.push_back(key);
    }
  }
}

constexpr std::int64_t kMostSamples = 10'000'000'000;

std::int64_t count_of(const SweepSpec& spec, const Source& place) {
  double points = 1;
  for (const SweepAxis& axis : spec.axes) {
    if (!spec.samples && axis.size == 0) {
      throw ConfigError(axis.keys.front().source, "a range without a step",
                        "step or factor; or samples, for points drawn at random");
    }
    points *= static_cast<double>(axis.size);
  }
  if (spec.samples) {
    if (*spec.samples <= kMostSamples) return *spec.samples;
    throw ConfigError(place, fmt::format("{} samples are too many to keep", *spec.samples),
                      fmt::format("at most {}", kMostSamples));
  }
  if (points > kMostPoints) {
    throw ConfigError(place, fmt::format("{:.3g} points are too many to number", points),
                      "at most 9e15; or samples, for points drawn at random");
  }
  std::int64_t count = 1;
  for (const SweepAxis& axis : spec.axes) count *= axis.size;
  return count;
}

/// `root`'s files, and those that texts in them name, and so on.
void collect_files(const Node& root, std::set<std::filesystem::path>& files);

void collect_named(const Node& node, std::set<std::filesystem::path>& files) {
  if (const auto* list = std::get_if<std::vector<Node>>(&node.value)) {
    for (const Node& item : *list) collect_named(item, files);
  } else if (const auto* table = std::get_if<Table>(&node.value)) {
    for (const Entry& entry : table->entries) collect_named(entry.value, files);
  } else if (const auto* text = std::get_if<std::string>(&node.value)) {
    const auto file = beside({*text, node.source}).lexically_normal();
    std::error_code missing;
    const bool data = text->ends_with(".csv");
    if (!data && !text->ends_with(".toml")) return;
    if (files.count(file) > 0 || !std::filesystem::is_regular_file(file, missing)) return;
    files.insert(file);
    if (!data) collect_files(load_toml(file, node.source), files);
  }
}

void collect_files(const Node& root, std::set<std::filesystem::path>& files) {
  for (const std::string& name : files_of(root)) {
    files.insert(std::filesystem::path(name).lexically_normal());
  }
  collect_named(root, files);
}

}  // namespace

FileKeys sweep_keys() { return file_keys(sweep_fields()); }

SweepSpec load_sweep(const std::filesystem::path& file) {
  const Node root = load_toml(file);
  const SweepText text = decode(sweep_fields(), root);
  const std::filesystem::path scenario = beside(text.scenario).lexically_normal();
  load_toml(scenario, text.scenario.source);  // an unreadable one is this file's mistake
  SweepSpec spec{.path = file,
                 .name = text.name.value_or(file.stem().string()),
                 .scenario = scenario,
                 .family = scenario_family(scenario, {}),
                 .axes = {},
                 .columns = text.columns,
                 .intervals = text.intervals.value_or(false),
                 .samples = text.samples,
                 .seed = text.seed.value_or(0),
                 .count = 0,
                 .files = {}};
  for (const Node& table : text.axes) spec.axes.push_back(read_axis(table));
  for (const Node& table : text.linked) spec.axes.push_back(read_linked(table));
  if (!text.points.empty()) spec.axes.push_back(read_points(text.points));
  if (spec.axes.empty()) {
    throw ConfigError(text.scenario.source, "a sweep through nothing",
                      "[[axes]], [[linked]] or [[points]]");
  }
  check_keys(spec);
  spec.count = count_of(spec, text.scenario.source);
  const Trial trial(scenario, text.scenario.source, spec.family);
  for (const SweepAxis& axis : spec.axes) try_axis(trial, axis);
  std::set<std::filesystem::path> files;
  collect_files(root, files);
  spec.files.assign(files.begin(), files.end());
  return spec;
}

}  // namespace windtunnel
