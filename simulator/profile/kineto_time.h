// Times of a profile: microseconds as text, whole or with decimals.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace windtunnel {

/// Nanoseconds of `text` microseconds ("1234.567", "12", "1.5e3"), exact where it has no exponent;
/// nothing for what is no finite number or longer than 104 days a digit of int64 leaves.
std::optional<std::int64_t> parse_microseconds(std::string_view text);

}  // namespace windtunnel
