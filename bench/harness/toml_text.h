// Lines of a measurement folder's manifest.
#pragma once

#include <string>
#include <string_view>

#include "bench/harness/result.h"

namespace windtunnel::bench {

/// `key = "value"` with a newline. What stands in device names and versions needs no more than the
/// two escapes of a quote and a backslash; control characters become spaces.
std::string toml_line(std::string_view key, std::string_view value);

/// An entry of [[tables]].
std::string toml_table(std::string_view name, std::string_view implementation,
                       std::string_view note);

/// How the numbers of a folder came about, in words.
struct Provenance {
  std::string program;  ///< and its option
  std::string commit;
  std::string date;
  std::string clocks;
  std::string samples;
  std::string noise;
  std::string regime;
  std::string units;
};

/// Everything in a manifest but its tables.
std::string manifest_head(const Machine& machine, const Provenance& provenance);

}  // namespace windtunnel::bench
