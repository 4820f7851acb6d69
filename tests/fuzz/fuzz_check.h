// What every reader promises for any bytes: a value, or a report with a place and a caret.
#pragma once

#include <cstdlib>
#include <string_view>

#include "simulator/base/error.h"

namespace windtunnel {

/// Runs `read`; a ConfigError must show `path:line:column: error` (or `--set:...`) and a caret. Any
/// other exception ends the fuzzer, as it would end the program with an internal error.
template <typename Read>
void must_read_or_report(std::string_view path, const Read& read) {
  try {
    read();
  } catch (const ConfigError& error) {
    const std::string_view text = error.what();
    const bool placed = text.find(path) != std::string_view::npos || text.starts_with("--set:");
    if (!placed || text.find(": error: ") == std::string_view::npos ||
        text.find("^\n") == std::string_view::npos) {
      std::abort();
    }
  }
}

}  // namespace windtunnel
