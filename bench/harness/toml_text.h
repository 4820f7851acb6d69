// Lines of a measurement folder's manifest.
#pragma once

#include <string>
#include <string_view>

namespace windtunnel::bench {

/// `key = "value"` with a newline. What stands in device names and versions needs no more than the
/// two escapes of a quote and a backslash; control characters become spaces.
std::string toml_line(std::string_view key, std::string_view value);

/// An entry of [[tables]].
std::string toml_table(std::string_view name, std::string_view implementation,
                       std::string_view note);

}  // namespace windtunnel::bench
