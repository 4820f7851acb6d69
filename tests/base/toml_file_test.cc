#include "simulator/base/toml_file.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

std::string parse_message(const std::string& text) {
  return message_of([&] { parse_toml(text, "f.toml"); });
}

constexpr const char* kAccepted =
    "  accepted: TOML: lines of `key = value` below headers like `[table]`\n";

TEST(ParseToml, KeepsOrderAndPlaces) {
  const Node root = parse_toml("z = 1\na = [1,\n  2.5]\n[t]\nb = true", "f.toml");
  const Table& table = std::get<Table>(root.value);
  ASSERT_EQ(table.entries.size(), 3u);
  EXPECT_EQ(table.entries[0].key, "z");
  EXPECT_EQ(table.entries[1].key, "a");
  const Node& second = *find_node(root, "a.1");
  EXPECT_EQ(std::get<double>(second.value), 2.5);
  EXPECT_EQ(second.source.line, 3);
  EXPECT_EQ(second.source.column, 3);
  EXPECT_EQ(table.entries[2].key_source.line, 4);
  EXPECT_EQ(std::get<Table>(table.entries[2].value.value).source.line, 4);
  EXPECT_EQ(second.source.file->path, "f.toml");
}

TEST(ParseToml, AnEmptyFileIsAnEmptyTable) {
  const Node root = parse_toml("", "f.toml");
  EXPECT_TRUE(std::get<Table>(root.value).entries.empty());
  EXPECT_EQ(root.source.line, 1);
  EXPECT_EQ(root.source.column, 1);
}

TEST(ParseToml, SkipsAByteOrderMark) {
  EXPECT_EQ(find_node(parse_toml("\xEF\xBB\xBF"
                                 "a = 1",
                                 "f"),
                      "a")
                ->source.column,
            5);
}

TEST(ParseToml, PointsAtBrokenSyntax) {
  EXPECT_EQ(parse_message("a = = 1"),
            std::string("f.toml:1:5: error: could not determine value type\n"
                        "   1 | a = = 1\n"
                        "     |     ^\n") +
                kAccepted);
  EXPECT_EQ(parse_message("\n[[["),
            std::string("f.toml:2:3: error: expected bare key starting character or string "
                        "delimiter, saw '['\n"
                        "   2 | [[[\n"
                        "     |   ^\n") +
                kAccepted);
}

TEST(ParseToml, PointsAtASecondDefinition) {
  EXPECT_EQ(parse_message("a = 1\na = 2"),
            std::string("f.toml:2:5: error: cannot redefine existing integer 'a'\n"
                        "   2 | a = 2\n"
                        "     |     ^\n") +
                kAccepted);
}

TEST(ParseToml, RejectsBytesThatAreNoText) {
  EXPECT_EQ(parse_message(std::string("a = '\0'", 7)),
            std::string("f.toml:1:6: error: control characters other than TAB (U+0009) are "
                        "explicitly prohibited\n"
                        "   1 | a = '\\x00'\n"
                        "     |      ^\n") +
                kAccepted);
  EXPECT_NE(parse_message("\xFF\xFE"), "no error");
}

TEST(ParseToml, RejectsIntegersOfMoreThan64Bits) {
  EXPECT_EQ(parse_message("a = 99999999999999999999"),
            std::string("f.toml:1:25: error: '99999999999999999999' is not representable in 64 "
                        "bits\n"
                        "   1 | a = 99999999999999999999\n"
                        "     |                         ^\n") +
                kAccepted);
}

TEST(ParseToml, RejectsDates) {
  EXPECT_EQ(parse_message("day = 2024-12-27"),
            "f.toml:1:7: error: dates and times are not used here\n"
            "   1 | day = 2024-12-27\n"
            "     |       ^\n"
            "  accepted: a text in quotes, such as \"2024-12-27\"\n");
}

TEST(ParseToml, SurvivesDeepNesting) {
  EXPECT_EQ(parse_message("a = " + std::string(100000, '[')),
            "f.toml:1:37: error: this nests too deeply\n"
            "   1 | a = " +
                std::string(96, '[') +
                "...\n"
                "     |                                     ^\n"
                "  accepted: at most 32 levels\n");
}

RC_GTEST_PROP(ParseTomlOfAnything, IsAValueOrAnError, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("a.=[]{}\"'\\\n#,1e-_: \t\0\xC3\xA4\xFF", 25)));
  const std::string message = parse_message(text);
  RC_ASSERT(message == "no error" || message.starts_with("f.toml:"));
}

TEST(LoadToml, MergesWhatAFileExtends) {
  const TemporaryFolder folder;
  folder.write("base/v3.toml", "batch = 1\n[gpu]\nname = 'h800'\nsms = 132\n");
  folder.write("base/middle.toml", "extends = 'v3.toml'\nbatch = 2\n");
  const auto path = folder.write("run.toml", "extends = 'base/middle.toml'\n[gpu]\nsms = 100\n");
  const Node root = load_toml(path);
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "batch")->value), 2);
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "gpu.sms")->value), 100);
  EXPECT_EQ(std::get<std::string>(find_node(root, "gpu.name")->value), "h800");
  EXPECT_EQ(find_node(root, "extends"), nullptr);
  EXPECT_EQ(folder.without_folder(place_text(find_node(root, "batch")->source)),
            "base/middle.toml:2:9");
  EXPECT_EQ(folder.without_folder(place_text(root.source)), "run.toml:1:1");
}

TEST(LoadToml, RejectsACircle) {
  const TemporaryFolder folder;
  folder.write("b.toml", "x = 1\nextends = './a.toml'\n");
  const auto path = folder.write("a.toml", "extends = 'b.toml'\n");
  EXPECT_EQ(folder.without_folder(message_of([&] { load_toml(path); })),
            "b.toml:2:11: error: `extends` leads back to `./a.toml`\n"
            "   2 | extends = './a.toml'\n"
            "     |           ^\n"
            "  accepted: a file that doesn't extend this one\n");
}

TEST(LoadToml, PointsAtTheNameOfAMissingFile) {
  const TemporaryFolder folder;
  folder.write("h800.toml", "");
  const auto path = folder.write("a.toml", "extends = 'h80.toml'\n");
  EXPECT_EQ(folder.without_folder(message_of([&] { load_toml(path); })),
            "a.toml:1:11: error: can't read `h80.toml`: No such file or directory, did you mean "
            "`h800.toml`?\n"
            "   1 | extends = 'h80.toml'\n"
            "     |           ^\n"
            "  accepted: the path of a readable file\n");
}

TEST(LoadToml, WantsATextAfterExtends) {
  const TemporaryFolder folder;
  const auto path = folder.write("a.toml", "extends = ['b.toml']\n");
  EXPECT_EQ(folder.without_folder(message_of([&] { load_toml(path); })),
            "a.toml:1:11: error: expected a text, not a list\n"
            "   1 | extends = ['b.toml']\n"
            "     |           ^\n"
            "  accepted: a text in quotes, not empty\n");
}

TEST(SetValue, ReadsTomlOrElseAText) {
  Node root = parse_toml("[a]\nx = 1\ny = 1", "f.toml");
  set_value(root, "a.x", "2");
  set_value(root, "a.b.c", "400 GB/s");
  set_value(root, "e", "[1, 2]");
  set_value(root, "e.1", "7");
  set_value(root, "day", "2024-12-27");
  set_value(root, "empty", "");
  set_value(root, "two", "1\nz = 2");
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "a.x")->value), 2);
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "a.y")->value), 1);
  EXPECT_EQ(std::get<std::string>(find_node(root, "a.b.c")->value), "400 GB/s");
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "e.1")->value), 7);
  EXPECT_EQ(std::get<std::string>(find_node(root, "day")->value), "2024-12-27");
  EXPECT_EQ(std::get<std::string>(find_node(root, "empty")->value), "");
  EXPECT_EQ(std::get<std::string>(find_node(root, "two")->value), "1\nz = 2");
  EXPECT_EQ(find_node(root, "z"), nullptr);
}

TEST(SetValue, PointsIntoTheCommandLine) {
  Node root = parse_toml("", "f.toml");
  set_value(root, "gpu.sms", "lots of");
  const Source source = find_node(root, "gpu.sms")->source;
  EXPECT_EQ(place_text(source), "--set:1:11");
  EXPECT_EQ(source.file->text, "gpu.sms = lots of");
  EXPECT_EQ(place_text(root.source), "f.toml:1:1");
}

TEST(SetValue, RejectsABrokenKey) {
  Node root = parse_toml("", "f.toml");
  EXPECT_EQ(message_of([&] { set_value(root, "a..b", "1"); }),
            std::string("--set:1:3: error: expected bare key starting character or string "
                        "delimiter, saw '.'\n"
                        "   1 | a..b = 1\n"
                        "     |   ^\n") +
                kAccepted);
}

TEST(SetValue, IsNotFooledByAKeyThatIsMoreThanAKey) {
  Node root = parse_toml("", "f.toml");
  EXPECT_EQ(message_of([&] { set_value(root, "# a", "1"); }),
            "--set:1:1: error: this is not a key\n"
            "   1 | # a = 1\n"
            "     | ^\n"
            "  accepted: dotted names: table.key = value\n");
  for (const char* key : {"a = 1 #", "a = 1\nb", "", "[a]", "a.", ".a", "a b", "a,b"}) {
    EXPECT_NE(message_of([&] { set_value(root, key, "1"); }), "no error") << key;
  }
  EXPECT_TRUE(std::get<Table>(root.value).entries.empty());
}

TEST(LoadChanged, AppliesOverridesInTheirOrder) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.toml", "a = 1\n[t]\nb = 2\n");
  const Node root = load_changed(file, {{"a", "3"}, {"t.b", "4"}, {"a", "5"}});
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "a")->value), 5);
  EXPECT_EQ(std::get<std::int64_t>(find_node(root, "t.b")->value), 4);
}

TEST(Beside, IsRelativeToTheNamingFile) {
  const auto file = std::make_shared<const SourceFile>(SourceFile{"runs/a.toml", ""});
  EXPECT_EQ(beside({"../gpus/h800.toml", {file, 1, 1}}), "runs/../gpus/h800.toml");
  EXPECT_EQ(beside({"/gpus/h800.toml", {file, 1, 1}}), "/gpus/h800.toml");
}

TEST(TomlText, IsReadBack) {
  const std::string text =
      "a = [1, 2.5, true, \"say \\\"so\\\", \\\\ \\u0007\", {\"b.c\" = [[\"x\"]]}]";
  const Node root = parse_toml(text, "t.toml");
  const std::string written = toml_text(*find_node(root, "a"));
  Node again = parse_toml("", "t.toml");
  set_value(again, "a", written);
  EXPECT_EQ(toml_text(*find_node(again, "a")), written);
  EXPECT_EQ(written, "[1, 2.5, true, \"say \\\"so\\\", \\\\ \\u0007\", {\"b.c\" = [[\"x\"]]}]");
}

TEST(SetValue, AValueFromElsewhereKeepsItsPlace) {
  Node root = parse_toml("[a]\nb = 1\nc = 2\n", "base.toml");
  const Node other = parse_toml("\n\nv = [7]\n", "other.toml");
  set_value(root, "a.b", {root.source.file, 9, 9}, *find_node(other, "v"));
  EXPECT_EQ(toml_text(*find_node(root, "a")), "{\"b\" = [7], \"c\" = 2}");
  EXPECT_EQ(find_node(root, "a.b")->source.line, 3);
  EXPECT_EQ(find_node(root, "a.b")->source.file->path, "other.toml");
  EXPECT_EQ(root.source.file->path, "base.toml");
}

}  // namespace
}  // namespace windtunnel
