#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

/// A function definition: its name as written, the line it begins on, and its length in lines.
struct Function {
  std::string name;
  std::size_t line;
  int lines;
};

bool is_word(char c);
bool is_blank(char c);

std::vector<std::string> lines_of(std::string_view text);

/// The line, from 1, that holds the character at `position`.
std::size_t line_at(std::string_view text, std::size_t position);

/// The same C++ text with comments, literals and preprocessor lines blanked out; lines stay lines.
std::string code_only(std::string_view text);

/// The functions with a body in `code` (of code_only), as clang-format lays them out. A lambda
/// belongs to the function or the table it stands in.
std::vector<Function> functions_of(std::string_view code);

}  // namespace windtunnel
