#include <fmt/core.h>

#include <cstdio>

#include "simulator/base/error.h"
#include "simulator/base/text_file.h"
#include "simulator/cli/command.h"

namespace windtunnel {

void write_output(const std::string& path, const std::string& text) {
  if (path != "-") {
    write_file_atomically(path, text);
    return;
  }
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw UsageError("cannot write to stdout");
  }
}

std::pair<std::string, std::string> parse_pair(const std::string& option, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(fmt::format("{} {}: expected key=value", option, text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace windtunnel
