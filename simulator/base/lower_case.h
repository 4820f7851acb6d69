// Letters of ASCII as small ones: names that people type in either case.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

namespace windtunnel {

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return lower;
}

}  // namespace windtunnel
