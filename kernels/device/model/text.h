// Sentences of reports. (Kernels and their model use no library, so no fmt.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace windtunnel::device::model {

inline std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[value & 15U]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

template <typename Part>
void append(std::string& text, const Part& part) {
  if constexpr (std::is_arithmetic_v<Part>) {
    text += std::to_string(part);
  } else {
    text += part;
  }
}

/// The parts one after the other, numbers in decimal.
template <typename... Parts>
std::string text(const Parts&... parts) {
  std::string all;
  (append(all, parts), ...);
  return all;
}

}  // namespace windtunnel::device::model
