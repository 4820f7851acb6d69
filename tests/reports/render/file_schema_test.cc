#include "reports/render/file_schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "simulator/base/error.h"
#include "simulator/base/text_file.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/campaign.h"
#include "simulator/study/plan_spec.h"
#include "simulator/workload/scenario_kind.h"
#include "simulator/workload/serving/scenario.h"
#include "tests/reports/golden_text.h"
#include "tests/reports/schema_check.h"

namespace windtunnel {
namespace {

using Json = nlohmann::json;

Json to_json(const Node& node) {
  if (const auto* table = std::get_if<Table>(&node.value)) {
    Json object = Json::object();
    for (const Entry& entry : table->entries) object[entry.key] = to_json(entry.value);
    return object;
  }
  if (const auto* list = std::get_if<std::vector<Node>>(&node.value)) {
    Json array = Json::array();
    for (const Node& item : *list) array.push_back(to_json(item));
    return array;
  }
  if (const auto* flag = std::get_if<bool>(&node.value)) return *flag;
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) return *whole;
  if (const auto* number = std::get_if<double>(&node.value)) return *number;
  return std::get<std::string>(node.value);
}

/// The kind of a scenario's file; of one that isn't there, training's.
std::string family_name(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return "scenario";
  switch (scenario_family(file, {})) {
    case ScenarioFamily::kTraining:
      return "scenario";
    case ScenarioFamily::kServing:
      return "serving";
    case ScenarioFamily::kReinforcement:
      return "reinforcement";
    case ScenarioFamily::kCampaign:
      return "campaign";
  }
  return "";
}

/// The kind of a search; of one that isn't there, training's.
std::string plan_name(const std::filesystem::path& file) {
  return std::filesystem::exists(file) && plans_serving(file) ? "serving_plan" : "plan";
}

const FileKind& kind_of(const std::filesystem::path& file) {
  const std::string path = file.generic_string();
  const auto in = [&](const char* folder) { return path.find(folder) != std::string::npos; };
  const std::string name = in("scenarios/models/")           ? "model"
                           : in("scenarios/published/sets/") ? "published_set"
                           : in("scenarios/published/")      ? "published"
                           : in("scenarios/sweeps/")         ? "sweep"
                           : in("scenarios/plans/")          ? plan_name(file)
                           : in("scenarios/")                ? family_name(file)
                           : in("topologies/gpus/")          ? "gpu"
                           : in("topologies/")               ? "cluster"
                           : file.stem() == "manifest"       ? "manifest"
                                                             : "step";
  for (const FileKind& kind : file_kinds()) {
    if (kind.name == name) return kind;
  }
  throw std::logic_error("no kind " + name);
}

std::vector<std::filesystem::path> shipped_files() {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"scenarios", "topologies", "bench/measurements"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".toml") files.push_back(entry.path());
    }
  }
  return files;
}

/// The two largest files of each kind, which say the most: what is asked of every key of them takes
/// long.
std::vector<std::filesystem::path> telling_files() {
  std::vector<std::filesystem::path> files = shipped_files();
  std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return std::filesystem::file_size(a) > std::filesystem::file_size(b);
  });
  std::map<std::string, int> seen;
  std::erase_if(files,
                [&](const auto& file) { return ++seen[std::string(kind_of(file).name)] > 2; });
  return files;
}

/// A schema and its reader, asked about the same file.
struct Judges {
  const FileKind& kind;
  Json schema;

  std::string schema_says(const Node& node) const {
    return schema_problem(to_json(node), schema, schema);
  }
  std::string reader_says(const Node& node) const {
    try {
      kind.keys.check(node);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }
};

Judges judges_of(const FileKind& kind) { return {kind, Json::parse(render_schema({kind}))}; }

bool required(const FieldTable& table, const std::string& key) {
  for (const Field& field : table.fields) {
    if (field.key == key) return field.required;
  }
  return false;
}

/// Calls `visit` with every table of `node` that `table` describes, the outermost first.
void visit_tables(const FieldTable& table, Node& node,
                  const std::function<void(const FieldTable&, Table&)>& visit) {
  auto* written = std::get_if<Table>(&node.value);
  ASSERT_NE(written, nullptr);
  visit(table, *written);
  for (const Field& field : table.fields) {
    Entry* entry = written->find(field.key);
    if (!field.form.table || entry == nullptr) continue;
    if (auto* list = std::get_if<std::vector<Node>>(&entry->value.value)) {
      for (Node& item : *list) visit_tables(*field.form.table, item, visit);
    } else {
      visit_tables(*field.form.table, entry->value, visit);
    }
  }
}

TEST(FileSchema, EveryShippedFileSatisfiesItsOwn) {
  int extending = 0;
  for (const auto& file : shipped_files()) {
    const Node node = parse_toml(read_text_file(file), file.string());
    extending += std::get<Table>(node.value).find("extends") != nullptr ? 1 : 0;
    EXPECT_EQ(judges_of(kind_of(file)).schema_says(node), "") << file;
  }
  EXPECT_GE(extending, 2);
  EXPECT_GE(shipped_files().size(), 15U);
}

TEST(FileSchema, StandsInTheTreeForEditors) {
  for (const FileKind& kind : file_kinds()) {
    expect_file("schemas/" + std::string(kind.name) + ".json", render_schema({kind}));
  }
}

// What an editor's TOML server looks for. Measurements are written by programs. `./run accept` adds
// the line to a file that has none.
TEST(FileSchema, IsNamedByTheFirstLineOfEveryFileThatPeopleWrite) {
  for (const auto& file : shipped_files()) {
    if (file.generic_string().starts_with("bench/")) continue;
    const auto schema =
        std::filesystem::path("schemas") / (std::string(kind_of(file).name) + ".json");
    const std::string wanted =
        "#:schema " + schema.lexically_relative(file.parent_path()).generic_string() + "\n";
    std::string text = read_text_file(file);
    if (std::getenv("WINDTUNNEL_ACCEPT") != nullptr && !text.starts_with("#:schema")) {
      text.insert(0, wanted);
      write_file_atomically(file, text);
    }
    EXPECT_EQ(text.substr(0, wanted.size()), wanted) << file;
  }
}

TEST(FileSchema, OfEverythingTakesEveryShippedFile) {
  const Json all = Json::parse(render_schema(file_kinds()));
  for (const auto& file : shipped_files()) {
    const Node node = parse_toml(read_text_file(file), file.string());
    EXPECT_EQ(schema_problem(to_json(node), all, all), "") << file;
  }
}

// Each required key taken out of each table, and an unknown one put in.
TEST(FileSchema, RefusesMissingAndUnknownKeysAsTheReaderDoes) {
  for (const auto& file : telling_files()) {
    const Judges judges = judges_of(kind_of(file));
    Node node = load_toml(file);
    ASSERT_EQ(judges.schema_says(node), "") << file;
    ASSERT_EQ(judges.reader_says(node), "") << file;
    visit_tables(judges.kind.keys.table, node, [&](const FieldTable& fields, Table& table) {
      const std::vector<Entry> whole = table.entries;
      for (std::size_t i = 0; i < whole.size(); ++i) {
        table.entries = whole;
        table.entries.erase(table.entries.begin() + static_cast<std::ptrdiff_t>(i));
        const bool refused = required(fields, whole[i].key);
        EXPECT_EQ(!judges.schema_says(node).empty(), refused) << file << " " << whole[i].key;
        EXPECT_EQ(!judges.reader_says(node).empty(), refused) << file << " " << whole[i].key;
        table.entries = whole;
        table.entries[i].key += "s";
        EXPECT_NE(judges.schema_says(node), "") << file << " " << whole[i].key;
        EXPECT_NE(judges.reader_says(node), "") << file << " " << whole[i].key;
      }
      table.entries = whole;
    });
  }
}

// Every value replaced by values of other types: both take it or both refuse it. Names of schedules
// are looked up behind the table: the schema knows them, the table takes any text.
TEST(FileSchema, JudgesTypesNamesAndUnitsAsTheReaderDoes) {
  const std::vector<decltype(Node::value)> odd{true,
                                               std::int64_t{-1},
                                               std::int64_t{1},
                                               -0.5,
                                               std::string(),
                                               std::string("a\x01"),
                                               std::string("no such name"),
                                               std::string("5 parsecs"),
                                               std::string("5"),
                                               std::vector<Node>{},
                                               std::vector<Node>{{std::string("x"), {}}},
                                               Table{{}, {}}};
  int refused = 0;
  for (const auto& file : telling_files()) {
    const Judges judges = judges_of(kind_of(file));
    Node node = load_toml(file);
    visit_tables(judges.kind.keys.table, node, [&](const FieldTable& fields, Table& table) {
      for (Entry& entry : table.entries) {
        const auto value = entry.value.value;
        for (const auto& other : odd) {
          entry.value.value = other;
          const std::string problem = judges.schema_says(node);
          const bool any_text =
              fields.name == "schedule" && std::holds_alternative<std::string>(other);
          EXPECT_EQ(problem.empty(), judges.reader_says(node).empty() && !any_text)
              << file << " " << entry.key << ": " << problem << judges.reader_says(node);
          refused += problem.empty() ? 0 : 1;
        }
        entry.value.value = value;
      }
    });
  }
  EXPECT_GT(refused, 1000);
}

TEST(FileSchema, KnowsUnitsSchedulesAndNestedLists) {
  const Judges judges = judges_of(kind_of("scenarios/x.toml"));
  const auto says = [&](const std::string& text) {
    return judges.schema_says(parse_toml("extends = \"pretrain.toml\"\n" + text, "f"));
  };
  EXPECT_EQ(says(""), "");
  EXPECT_EQ(says("[run]\ntokens = \"14.8 T\"\n"), "");
  EXPECT_EQ(says("[run]\ntokens = \"14.8 T tokens\"\n"), "");
  EXPECT_NE(says("[run]\ntokens = \"14.8 GB\"\n"), "");
  EXPECT_NE(says("[run]\ntokens = 14.8e12\n"), "");
  EXPECT_EQ(says("[schedule]\nname = \"1f1b\"\n"), "");
  EXPECT_NE(says("[schedule]\nname = \"2f2b\"\n"), "");
  EXPECT_EQ(says("[stages]\nalternatives = [[1, 2], [3]]\n"), "");
  EXPECT_NE(says("[stages]\nalternatives = [1, 2]\n"), "");
  EXPECT_NE(says("[stages]\nlayers = []\n"), "");
  EXPECT_NE(says("[stages]\npairing = \"heads\"\n"), "");
}

TEST(FileSchema, DescribesKeysWithTheirDimension) {
  const Json schema = Json::parse(render_schema({kind_of("topologies/x.toml")}));
  const Json& link = schema["properties"]["scale_out"];
  EXPECT_EQ(link["description"], "a GPU's way to other nodes");
  EXPECT_EQ(link["properties"]["latency"]["description"],
            "of the first byte: a duration from 0 s to 1 s, such as \"2 us\"");
}

}  // namespace
}  // namespace windtunnel
