#include "bench/harness/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <exception>

#include "simulator/base/error.h"

namespace windtunnel::bench {

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[16] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

std::string no_folder_text(std::string_view device) {
  return fmt::format(
      "no measurement folder: {} has no file in topologies/gpus, or nothing was measured\n",
      device);
}

int run_program(std::string_view name, int count, char** arguments,
                const std::function<ProgramEnd(const std::vector<std::string>&)>& body) {
  ProgramEnd end = ProgramEnd::kInternal;
  try {
    end = body({arguments + 1, arguments + count});
  } catch (const ConfigError& error) {
    fmt::print(stderr, "{}", error.what());
    end = ProgramEnd::kUsage;
  } catch (const UsageError& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    end = ProgramEnd::kUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
  }
  return static_cast<int>(end);
}

}  // namespace windtunnel::bench
