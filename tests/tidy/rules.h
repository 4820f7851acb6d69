#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/tree.h"

namespace windtunnel {

/// What a rule found, each "path:line: what is wrong".
using Findings = std::vector<std::string>;

constexpr std::size_t kColumns = 100;
constexpr int kFileLines = 400;
constexpr int kFunctionLines = 60;

/// A function that may stay longer than kFunctionLines, but must not grow: the ratchet.
struct LongFunction {
  std::string_view path;
  std::string_view name;
  int lines;
};
const std::vector<LongFunction>& long_function_exceptions();

/// A source without a mirrored test, and why that is right.
struct Untested {
  std::string_view path;
  std::string_view reason;
};
const std::vector<Untested>& untested();

/// Text that may stand only in paths that begin with one of `allowed`.
struct Confined {
  std::string_view text;
  std::vector<std::string_view> allowed;
  std::string_view why;
};

const std::vector<Confined>& confined();

std::string finding(std::string_view path, std::size_t line, std::string_view what);

// Rules over one file.
Findings long_files(const std::string& path, const std::string& text);
Findings long_functions(const std::string& path, const std::string& text);
Findings untidy_lines(const std::string& path, const std::string& text);
Findings misplaced_text(const std::string& path, const std::string& text);

// Rules over the tree.
Findings wrong_includes(const Tree& tree);
Findings dead_files(const Tree& tree);
Findings missing_tests(const Tree& tree);
Findings missing_readme_paths(const Tree& tree, const std::string& readme);

/// Where the test of a source stands; empty for a file that needs none.
std::string mirrored_test(const std::string& path);

}  // namespace windtunnel
