// A look at a TOML text before it is parsed: the parser and the tables it builds recurse, so what
// nests too deeply has to be stopped outside.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace windtunnel {

inline constexpr int kDeepestNesting = 32;

/// The first byte that opens a list or table more than kDeepestNesting deep, or the first key with
/// more parts than that.
std::optional<std::size_t> too_deep(std::string_view toml);

}  // namespace windtunnel
