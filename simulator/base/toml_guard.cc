#include "simulator/base/toml_guard.h"

#include <algorithm>

namespace windtunnel {
namespace {

/// The byte after the string that starts with a quote at `begin`. A broken one ends with its line
/// or with the text, which is where the parser stops too.
std::size_t string_end(std::string_view toml, std::size_t begin) {
  const char quote = toml[begin];
  const std::string_view three = toml.substr(begin, 3);
  const bool multi_line = three == "\"\"\"" || three == "'''";
  for (std::size_t i = begin + (multi_line ? 3 : 1); i < toml.size(); ++i) {
    if (toml[i] == '\\' && quote == '"') {
      ++i;
    } else if (multi_line && toml.substr(i, 3) == three) {
      return i + 3;
    } else if (!multi_line && (toml[i] == quote || toml[i] == '\n')) {
      return i + 1;
    }
  }
  return toml.size();
}

}  // namespace

std::optional<std::size_t> too_deep(std::string_view toml) {
  int brackets = 0;
  int dots = 0;  // since the last byte that can't be inside a key
  for (std::size_t i = 0; i < toml.size();) {
    switch (toml[i]) {
      case '"':
      case '\'':
        i = string_end(toml, i);
        continue;
      case '#':
        i = std::min(toml.find('\n', i), toml.size());
        continue;
      case '[':
      case '{':
        ++brackets;
        dots = 0;
        break;
      case ']':
      case '}':
        --brackets;
        dots = 0;
        break;
      case '\n':
      case ',':
      case '=':
        dots = 0;
        break;
      case '.':
        ++dots;
        break;
      default:
        break;
    }
    if (brackets > kDeepestNesting || dots >= kDeepestNesting) return i;
    ++i;
  }
  return std::nullopt;
}

}  // namespace windtunnel
