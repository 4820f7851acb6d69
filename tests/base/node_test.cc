#include "simulator/base/node.h"

#include <gtest/gtest.h>

#include "simulator/base/toml_file.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

constexpr const char* kText = R"(a = 1
[t]
b = "x"
[[links]]
rate = 2.5
[[links]]
rate = 3
)";

TEST(FindNode, FollowsTablesAndIndices) {
  const Node root = parse_toml(kText, "f");
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "a")->value), 1);
  EXPECT_EQ(std::get<std::string>(find_node(root, "t.b")->value), "x");
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "links.1.rate")->value), 3);
  for (const char* missing :
       {"", "b", "t.c", "a.b", "links.2.rate", "links.x", "links.1.rate.", "t."})
    EXPECT_EQ(find_node(root, missing), nullptr) << missing;
}

TEST(SourceOf, PointsAtTheValueOrTheInnermostTable) {
  const Node root = parse_toml(kText, "f");
  EXPECT_EQ(source_of(root, "t.b").line, 3);
  EXPECT_EQ(source_of(root, "t.b").column, 5);
  EXPECT_EQ(source_of(root, "t.missing").line, 2);
  EXPECT_EQ(source_of(root, "missing").line, 1);
  EXPECT_EQ(source_of(root, "links.1.missing").line, 6);
}

TEST(FilesOf, NamesEveryFileOnceAndNotTheCommandLine) {
  const TemporaryFolder folder;
  folder.write("base.toml", "[t]\na = 1\n[[l]]\nb = 1\n");
  const auto file = folder.write("top.toml", "extends = \"base.toml\"\n[t]\nc = 2\n");
  Node root = load_toml(file);
  set_value(root, "t.d", "3");
  std::string names;
  for (const std::string& name : files_of(root)) names += folder.without_folder(name) + " ";
  EXPECT_EQ(names, "top.toml base.toml ");
}

TEST(KindText, NamesEveryAlternative) {
  const Node root = parse_toml("a = true\nb = 1\nc = 1.5\nd = 'x'\ne = []\nf = {}", "f");
  std::string kinds;
  for (const Entry& entry : std::get<Table>(root.value).entries) {
    kinds += kind_text(entry.value) + ";";
  }
  EXPECT_EQ(kinds, "true or false;an integer;a number;a text;a list;a table;");
}

Node merged_texts(const char* base, const char* over) {
  return {merged(std::get<Table>(parse_toml(base, "base").value),
                 std::get<Table>(parse_toml(over, "over").value)),
          {}};
}

TEST(Merged, TablesMergeAndValuesAreReplaced) {
  const Node both =
      merged_texts("a = 1\nb = 2\n[t]\nx = 1\n[t.u]\ny = 1", "b = 3\nc = 4\n[t.u]\ny = 2");
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "a")->value), 1);
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "b")->value), 3);
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "c")->value), 4);
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "t.x")->value), 1);
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "t.u.y")->value), 2);
}

TEST(Merged, EveryValueRemembersTheFileItCameFrom) {
  const Node both = merged_texts("a = 1\n[t]\nx = 1", "[t]\ny = 2");
  EXPECT_EQ(find_node(both, "a")->source.file->path, "base");
  EXPECT_EQ(find_node(both, "t.y")->source.file->path, "over");
  EXPECT_EQ(std::get<Table>(find_node(both, "t")->value).source.file->path, "base");
  EXPECT_EQ(std::get<Table>(both.value).source.file->path, "over");
}

TEST(Merged, ATableOfIndicesChangesItemsOfAList) {
  const Node both = merged_texts("l = [1, 2]\nm = [{a = 1, b = 2}]", "l.1 = 5\nm.0.b = 7");
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "l.0")->value), 1);
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "l.1")->value), 5);
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "m.0.a")->value), 1);
  EXPECT_EQ(std::get<std::int64_t>(find_node(both, "m.0.b")->value), 7);
}

TEST(Merged, AnythingElseReplaces) {
  const Node both = merged_texts("l = [1, 2]\n[t]\nx = 1\n", "l.2 = 5\nt = 3");
  EXPECT_EQ(kind_text(*find_node(both, "l")), "a table");
  EXPECT_EQ(kind_text(*find_node(both, "t")), "an integer");
}

}  // namespace
}  // namespace windtunnel
