#include "tests/tidy/rules.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/tidy/source_text.h"

namespace windtunnel {

namespace {

bool starts_with_any(std::string_view path, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

// Kernel bodies and tests may be long.
bool may_be_long(std::string_view path) {
  return path.starts_with("tests/") ||
         (path.starts_with("kernels/") && path.find(".cu") != std::string_view::npos);
}

/// Characters, not bytes: a UTF-8 continuation byte takes no column.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// In the README's table a file called `x.toml` stands for any with that ending, a folder for
/// what is in it.
bool stands_in(const Tree& tree, const std::string& path) {
  const std::filesystem::path wanted = path;
  return std::any_of(tree.begin(), tree.end(), [&](const auto& file) {
    const std::filesystem::path there = file.first;
    if (path.ends_with("/")) return file.first.starts_with(path);
    return there == wanted ||
           (wanted.stem() == "x" && there.parent_path() == wanted.parent_path() &&
            there.extension() == wanted.extension());
  });
}

}  // namespace

// Both lists only ever shrink; empty is where they should stay.
const std::vector<LongFunction>& long_function_exceptions() {
  static const std::vector<LongFunction> kExceptions = {};
  return kExceptions;
}

const std::vector<Untested>& untested() {
  static const std::vector<Untested> kUntested = {};
  return kUntested;
}

// Adjacent literals keep this file from finding itself.
const std::vector<Confined>& confined() {
  static const std::vector<Confined> kConfined = {
      {"#include <toml"
       "++",
       {"simulator/base/toml_file.cc"},
       "only base reads TOML"},
      {"#include <nlohmann"
       "/",
       {"reports/", "bench/harness/json.cc", "bench/collectives/report.cc", "tests/"},
       "only reports write JSON"},
      {"#include <CLI"
       "/",
       {"simulator/cli/", "bench/harness/options.cc", "bench/collectives/options.cc"},
       "only cli parses a command line"},
      {"#include <xxhash"
       ".h",
       {"simulator/base/hash.cc"},
       "only base hashes"},
      {"getenv"
       "(",
       {"simulator/cli/", "bench/", "tests/"},
       "cli reads the environment"},
      {"using namespace"
       " std",
       {},
       "names say where they come from"},
      {"TO"
       "DO",
       {},
       "nothing is parked"},
      {"FIX"
       "ME",
       {},
       "nothing is parked"},
      {"../"
       "shared",
       {},
       "the project stands alone"},
      {"/wo"
       "rk/",
       {},
       "a path of one machine"},
      {"/ro"
       "ot/",
       {},
       "a path of one machine"},
      {"/ho"
       "me/",
       {},
       "a path of one machine"},
      {"/t"
       "mp/",
       {},
       "a path of one machine"},
  };
  return kConfined;
}

std::string finding(std::string_view path, std::size_t line, std::string_view what) {
  return std::string(path) + ":" + std::to_string(line) + ": " + std::string(what);
}

Findings long_files(const std::string& path, const std::string& text) {
  const auto lines = static_cast<int>(lines_of(text).size());
  if (!is_code(path) || may_be_long(path) || lines <= kFileLines) return {};
  return {finding(path, 1, std::to_string(lines) + " lines: a file is one idea")};
}

Findings long_functions(const std::string& path, const std::string& text) {
  Findings findings;
  if (!is_code(path) || may_be_long(path)) return findings;
  const std::vector<LongFunction>& exceptions = long_function_exceptions();
  for (const Function& function : functions_of(code_only(text))) {
    const auto known = std::find_if(
        exceptions.begin(), exceptions.end(),
        [&](const LongFunction& it) { return it.path == path && it.name == function.name; });
    const int limit = known == exceptions.end() ? kFunctionLines : known->lines;
    if (function.lines <= limit) continue;
    findings.push_back(finding(
        path, function.line, function.name + " has " + std::to_string(function.lines) + " lines"));
  }
  return findings;
}

Findings untidy_lines(const std::string& path, const std::string& text) {
  Findings findings;
  if (!is_code(path) && !is_script(path) && !path.ends_with(".toml")) return findings;
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (line.find('\t') != std::string::npos) findings.push_back(finding(path, i + 1, "a tab"));
    if (!line.empty() && is_blank(line.back())) {
      findings.push_back(finding(path, i + 1, "blanks at the end"));
    }
    // Data keeps its quotations in one line.
    if (columns(line) > kColumns && !path.ends_with(".toml")) {
      findings.push_back(finding(path, i + 1, std::to_string(columns(line)) + " columns"));
    }
  }
  if (is_header(path) && std::find(lines.begin(), lines.end(), "#pragma once") == lines.end()) {
    findings.push_back(finding(path, 1, "no #pragma once"));
  }
  return findings;
}

Findings misplaced_text(const std::string& path, const std::string& text) {
  Findings findings;
  for (const Confined& rule : confined()) {
    if (starts_with_any(path, rule.allowed)) continue;
    const bool joins = is_word(rule.text.front()) || rule.text.front() == '/';
    for (std::size_t at = text.find(rule.text); at != std::string::npos;
         at = text.find(rule.text, at + 1)) {
      if (at > 0 && joins && (is_word(text[at - 1]) || text[at - 1] == '.')) continue;
      findings.push_back(
          finding(path, line_at(text, at), std::string(rule.text) + ": " + std::string(rule.why)));
    }
  }
  return findings;
}

Findings wrong_includes(const Tree& tree) {
  Findings findings;
  const Layers layers = read_layers(tree);
  for (const auto& [path, text] : tree) {
    if (!is_code(path)) continue;
    const std::string layer = layers.of(path);
    for (const Include& include : own_includes(text)) {
      if (include.path == "gtest/gtest.h") continue;
      if (tree.find(include.path) == tree.end()) {
        findings.push_back(finding(path, include.line, include.path + " is no path from the root"));
        continue;
      }
      const std::string other = layers.of(include.path);
      const auto below = layers.below.find(layer);
      // Programs and tests stand above every layer.
      const bool fine = layer.empty() || other == layer ||
                        (below != layers.below.end() && below->second.count(other) > 0);
      if (!fine) {
        findings.push_back(
            finding(path, include.line, layer + " does not stand above " + include.path));
      }
    }
  }
  return findings;
}

Findings dead_files(const Tree& tree) {
  Findings findings;
  const std::set<std::string> built = built_files(tree);
  std::set<std::string> included;
  for (const auto& [path, text] : tree) {
    for (const Include& include : own_includes(text)) {
      if (include.path != path) included.insert(include.path);
    }
  }
  for (const auto& [path, text] : tree) {
    const bool source = path.ends_with(".cc") || path.ends_with(".cu");
    if (source && built.count(path) == 0) {
      findings.push_back(finding(path, 1, "no CMakeLists.txt names it"));
    }
    if (is_header(path) && included.count(path) == 0) {
      findings.push_back(finding(path, 1, "nothing includes it"));
    }
  }
  return findings;
}

std::string mirrored_test(const std::string& path) {
  if (!path.ends_with(".cc") || path.ends_with("/main.cc")) return "";
  const std::string stem = path.substr(0, path.size() - 3) + "_test.cc";
  // The shapes' tests stand with the simulator's, which shares them.
  for (const std::string_view root : {"simulator/", "kernels/shapes/"}) {
    if (path.starts_with(root)) return "tests/" + stem.substr(stem.find('/') + 1);
  }
  for (const std::string_view root :
       {"reports/", "kernels/", "bench/harness/", "bench/cases/", "bench/collectives/"}) {
    if (path.starts_with(root)) return "tests/" + stem;
  }
  return "";
}

Findings missing_tests(const Tree& tree) {
  Findings findings;
  for (const auto& [path, text] : tree) {
    const std::string test = mirrored_test(path);
    const bool excused =
        std::any_of(untested().begin(), untested().end(),
                    [&, &source = path](const Untested& it) { return it.path == source; });
    if (!test.empty() && !excused && tree.find(test) == tree.end()) {
      findings.push_back(finding(path, 1, "no " + test));
    }
  }
  return findings;
}

Findings missing_readme_paths(const Tree& tree, const std::string& readme) {
  Findings findings;
  const std::vector<std::string> lines = lines_of(readme);
  std::size_t row = 0;
  while (row < lines.size() && lines[row] != "| to add | touch |") ++row;
  if (row == lines.size()) return {"README.md:1: no table `to add | touch`"};
  for (; row < lines.size() && lines[row].starts_with("|"); ++row) {
    const std::string touch = lines[row].substr(lines[row].find('|', 1));
    std::size_t open = touch.find('`');
    while (open != std::string::npos) {
      const std::size_t close = touch.find('`', open + 1);
      const std::string path = touch.substr(open + 1, close - open - 1);
      if (path.find('/') != std::string::npos && !stands_in(tree, path)) {
        findings.push_back(finding("README.md", row + 1, path + " is not in the tree"));
      }
      open = close == std::string::npos ? close : touch.find('`', close + 1);
    }
  }
  return findings;
}

}  // namespace windtunnel
