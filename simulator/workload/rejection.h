// How the checks of a scenario say no.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/base/node.h"

namespace windtunnel {

/// Throws ConfigError at the dotted `key` below `root`, or at the innermost table on the way to it.
[[noreturn]] void reject(const Node& root, std::string_view key, const std::string& message,
                         const std::string& accepted);

/// "4 or 8": the divisors of `value` (1 or more) next to `wanted`, or the one that it is.
std::string divisors_near(std::int64_t value, std::int64_t wanted);

}  // namespace windtunnel
