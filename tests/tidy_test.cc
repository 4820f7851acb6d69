// The house style as a test. Each rule (tests/tidy/rules.h) is shown to fire on a bad snippet, and
// then asked of the tree.
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/tidy/rules.h"
#include "tests/tidy/source_text.h"
#include "tests/tidy/tree.h"

namespace windtunnel {
namespace {

const Tree& project() {
  static const Tree kTree = read_tree(WINDTUNNEL_SOURCE_DIR);
  return kTree;
}

/// One finding a line, so that none is cut off when a test prints them.
std::string shown(const Findings& findings) {
  std::string text;
  for (const std::string& it : findings) text += it + "\n";
  return text;
}

template <typename Rule>
Findings ask_every_file(Rule rule) {
  Findings all;
  for (const auto& [path, text] : project()) {
    const Findings findings = rule(path, text);
    all.insert(all.end(), findings.begin(), findings.end());
  }
  return all;
}

std::string repeated(int times, std::string_view text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Each rule fires on a bad snippet.

TEST(TidyRules, CodeKeepsItsLinesWhenWordsAreBlanked) {
  EXPECT_EQ(code_only("a(\"{ \\\" }\"); // }\n#define X { \\\n  {\nb('{', 1'000, R\"x({\n})x\");"),
            "a(        );     \n             \n   \nb(   , 1'000,      \n    );");
}

TEST(TidyRules, AFunctionIsMeasuredFromItsFirstLineToItsBrace) {
  const std::string code =
      "namespace a {\n"
      "const int kTable[] = {\n  1,\n};\n"
      "struct B {\n"
      " public:\n"
      "  B(int c) : c_{c}, d_(c) {\n    c_ = d_;\n  }\n"
      "  bool operator==(const B& other) const { return true; }\n"
      "  int c_ = {};\n"
      "};\n"
      "template <class T = int>\nT f(\n    T t = {}) {\n  if (t) {\n  }\n  return t;\n}\n"
      "}  // namespace a\n";
  Findings seen;
  for (const Function& function : functions_of(code_only(code))) {
    seen.push_back(finding(function.name, function.line, std::to_string(function.lines)));
  }
  EXPECT_EQ(seen, (Findings{"B:7: 3", "operator==:10: 1", "f:13: 7"}));
}

TEST(TidyRules, ALongFunctionIsFound) {
  const std::string longest = "int f() {\n" + repeated(kFunctionLines - 2, "  g();\n") + "}\n";
  const std::string longer = "int f() {\n" + repeated(kFunctionLines - 1, "  g();\n") + "}\n";
  EXPECT_EQ(long_functions("simulator/a.cc", longest), Findings{});
  EXPECT_EQ(long_functions("simulator/a.cc", longer), Findings{"simulator/a.cc:1: f has 61 lines"});
  EXPECT_EQ(long_functions("kernels/mla/a.cuh", longer), Findings{});
}

TEST(TidyRules, ALongFileIsFound) {
  EXPECT_EQ(long_files("simulator/a.cc", repeated(kFileLines, "\n")), Findings{});
  EXPECT_EQ(long_files("simulator/a.cc", repeated(kFileLines + 1, "\n")),
            Findings{"simulator/a.cc:1: 401 lines: a file is one idea"});
  EXPECT_EQ(long_files("tests/a_test.cc", repeated(kFileLines + 1, "\n")), Findings{});
}

TEST(TidyRules, UntidyLinesAreFound) {
  const std::string text =
      "\tint a;\nint b; \n" + repeated(100, "\xC3\xA9") + "\n" + repeated(101, "x");
  EXPECT_EQ(untidy_lines("simulator/a.h", text),
            (Findings{"simulator/a.h:1: a tab", "simulator/a.h:2: blanks at the end",
                      "simulator/a.h:4: 101 columns", "simulator/a.h:1: no #pragma once"}));
  EXPECT_EQ(untidy_lines("scenarios/a.toml", repeated(101, "x")), Findings{});
}

TEST(TidyRules, TextInTheWrongPlaceIsFound) {
  for (const Confined& rule : confined()) {
    const std::string text = "\n" + std::string(rule.text) + "x\n";
    EXPECT_EQ(misplaced_text("simulator/engine/run.cc", text),
              Findings{"simulator/engine/run.cc:2: " + std::string(rule.text) + ": " +
                       std::string(rule.why)});
    for (const std::string_view allowed : rule.allowed) {
      EXPECT_EQ(misplaced_text(std::string(allowed), text), Findings{});
    }
  }
}

TEST(TidyRules, AnIncludeAgainstTheLayersIsFound) {
  const Tree tree = {
      {"simulator/base/CMakeLists.txt", "windtunnel_layer(base # lowest\n SOURCES a.cc)"},
      {"simulator/engine/CMakeLists.txt", "windtunnel_layer(engine LINKS base)"},
      {"simulator/model/CMakeLists.txt", "windtunnel_layer(model LINKS base)"},
      {"simulator/workload/CMakeLists.txt", "windtunnel_layer(workload SOURCES w.cc LINKS engine)"},
      {"simulator/base/a.h", "#include \"simulator/engine/e.h\"\n"},
      {"simulator/engine/e.h", "\n#include \"simulator/model/m.h\"\n"},
      {"simulator/model/m.h", "#include \"a.h\"\n"},
      {"simulator/workload/parts/w.cc", "#include \"simulator/base/a.h\"\n"},
      {"simulator/cli/main.cc", "#include \"simulator/base/a.h\"\n"},
  };
  EXPECT_EQ(wrong_includes(tree),
            (Findings{"simulator/base/a.h:1: base does not stand above simulator/engine/e.h",
                      "simulator/engine/e.h:2: engine does not stand above simulator/model/m.h",
                      "simulator/model/m.h:1: a.h is no path from the root"}));
}

TEST(TidyRules, ADeadFileIsFound) {
  const Tree tree = {
      {"CMakeLists.txt", "x(\"${PROJECT_SOURCE_DIR}/a/rooted.cc\")"},
      {"a/CMakeLists.txt", "x(SOURCES built.cc ../b/other.cc # dead.cc\n)"},
      {"a/built.cc", "#include \"a/used.h\"\n"},
      {"a/dead.cc", ""},
      {"a/dead.h", "#include \"a/dead.h\"\n"},
      {"a/rooted.cc", ""},
      {"a/used.h", ""},
      {"b/other.cc", ""},
  };
  EXPECT_EQ(dead_files(tree), (Findings{"a/dead.cc:1: no CMakeLists.txt names it",
                                        "a/dead.h:1: nothing includes it"}));
}

TEST(TidyRules, ASourceWithoutItsTestIsFound) {
  const Tree tree = {
      {"kernels/device/a.cc", ""},
      {"kernels/shapes/ops.cc", ""},
      {"reports/render/a.cc", ""},
      {"simulator/cli/main.cc", ""},
      {"simulator/engine/run.cc", ""},
      {"tests/engine/run_test.cc", ""},
      {"tests/shapes/ops_test.cc", ""},
  };
  EXPECT_EQ(missing_tests(tree),
            (Findings{"kernels/device/a.cc:1: no tests/kernels/device/a_test.cc",
                      "reports/render/a.cc:1: no tests/reports/render/a_test.cc"}));
}

TEST(TidyRules, AReadmePathThatIsNotThereIsFound) {
  const Tree tree = {{"a/gpus/h100.toml", ""}, {"a/row.cc", ""}};
  const std::string readme =
      "text\n| to add | touch |\n|---|---|\n"
      "| a GPU | `a/gpus/x.toml`, `a/row.cc`, a `word` |\n| a model | `a/` or `b/x.toml` |\n";
  EXPECT_EQ(missing_readme_paths(tree, readme),
            Findings{"README.md:5: b/x.toml is not in the tree"});
  EXPECT_EQ(missing_readme_paths(tree, ""), Findings{"README.md:1: no table `to add | touch`"});
}

// The tree keeps every rule.

TEST(Tidy, FilesAreOneIdea) { EXPECT_EQ(shown(ask_every_file(long_files)), ""); }
TEST(Tidy, FunctionsFitAScreen) { EXPECT_EQ(shown(ask_every_file(long_functions)), ""); }
TEST(Tidy, LinesAreTidy) { EXPECT_EQ(shown(ask_every_file(untidy_lines)), ""); }
TEST(Tidy, TextStandsWhereItBelongs) { EXPECT_EQ(shown(ask_every_file(misplaced_text)), ""); }
TEST(Tidy, IncludesPointDownTheLayers) { EXPECT_EQ(shown(wrong_includes(project())), ""); }
TEST(Tidy, EveryFileIsBuiltOrIncluded) { EXPECT_EQ(shown(dead_files(project())), ""); }
TEST(Tidy, EverySourceHasItsTest) { EXPECT_EQ(shown(missing_tests(project())), ""); }
TEST(Tidy, TheReadmeNamesPathsThatExist) {
  EXPECT_EQ(shown(missing_readme_paths(project(), project().at("README.md"))), "");
}

// A list of exceptions must not outlive what it excuses.
TEST(Tidy, ExceptionsAreStillNeeded) {
  for (const Untested& it : untested()) {
    EXPECT_EQ(project().count(std::string(it.path)), 1U) << it.path;
    EXPECT_EQ(project().count(mirrored_test(std::string(it.path))), 0U) << it.path;
  }
  for (const LongFunction& it : long_function_exceptions()) {
    EXPECT_EQ(project().count(std::string(it.path)), 1U) << it.path;
  }
}

}  // namespace
}  // namespace windtunnel
