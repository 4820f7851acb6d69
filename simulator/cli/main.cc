// A table of commands and one place where errors end.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"
#include "simulator/cli/command.h"
#include "simulator/cli/interrupt.h"
#include "simulator/cli/shipped.h"

namespace windtunnel {
namespace {

Environment read_environment() {
  const char* root = std::getenv("WINDTUNNEL_ROOT");
  const char* no_colour = std::getenv("NO_COLOR");  // counts unless empty: no-color.org
  const char* terminal = std::getenv("TERM");
  const bool redraws = terminal != nullptr && std::string_view(terminal) != "dumb";
  const bool paints = redraws && (no_colour == nullptr || no_colour[0] == '\0');
  const bool bar = isatty(STDERR_FILENO) == 1 && redraws;
  return {.root = root != nullptr ? root : data_root(WINDTUNNEL_SOURCE_DIR),
          .colour = isatty(STDOUT_FILENO) == 1 && paints,
          .error_colour = bar && paints,
          .bar = bar,
          .build = {.version = WINDTUNNEL_VERSION, .commit = WINDTUNNEL_COMMIT},
          .quiet = false,
          .progress = "auto"};
}

/// Options of every command, before or after its name.
void add_common_options(CLI::App& app, Environment& environment) {
  app.fallthrough();
  app.add_flag("-q,--quiet", environment.quiet, "no progress and no warnings on stderr");
  app.add_option("--progress", environment.progress,
                 "auto: of what takes longer than a second (default)")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

constexpr std::array kCommands{
    add_simulate, add_report,     add_validate,     add_price,   add_plan,    add_sweep,
    add_merge,    add_trace,      add_import_trace, add_compare, add_history, add_import,
    add_schema,   add_completion, add_doctor,       add_man,
};

/// CLI11 reports a word that is no command as a missing one.
void check_command(const CLI::App& app, int count, char** arguments) {
  int first = 1;
  while (first < count && arguments[first][0] == '-') {
    first += std::string_view(arguments[first]) == "--progress" ? 2 : 1;
  }
  if (first >= count || arguments[first][0] == '\0') return;
  const std::string name = arguments[first];
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(command->get_name());
  }
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const std::string near = closest(name, known);
  throw UsageError(fmt::format("unknown command `{}`{}\n  commands: {}", name,
                               near.empty() ? "" : fmt::format(", did you mean `{}`?", near),
                               fmt::join(known, ", ")));
}

int run(int count, char** arguments) {
  Environment environment = read_environment();
  CLI::App app{
      "Projects how a cluster trains and serves a DeepSeek-class model from measured kernels.",
      "windtunnel"};
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("windtunnel {} ({})", environment.build.version,
                                                environment.build.commit));
  app.footer(
      "Examples:\n"
      "  windtunnel simulate scenarios/deepseek-v3/pretrain.toml\n"
      "  windtunnel report scenarios/deepseek-v3/pretrain.toml -o page.html\n"
      "  windtunnel validate --filter DeepSeek-V3\n"
      "`windtunnel COMMAND --help` has more.");
  add_common_options(app, environment);
  ExitCode code = ExitCode::kFine;
  for (const auto& add : kCommands) {
    const Command command = add(app, environment);
    app.get_subcommands([](CLI::App*) { return true; }).back()->final_callback([&code, command] {
      code = command();
    });
  }
  find_shipped_scenarios(app, environment.root);
  std::string help = "--help";
  if (count == 2 && std::string_view(arguments[1]) == "help") arguments[1] = help.data();
  try {
    check_command(app, count, arguments);
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    // Help and version are fine; every other way of misusing the command line is exit 2.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  } catch (const ConfigError& error) {
    fmt::print(stderr, "{}", error.what());
    return static_cast<int>(ExitCode::kUsage);
  } catch (const UsageError& error) {
    fmt::print(stderr, "windtunnel: {}\n", error.what());
    return static_cast<int>(ExitCode::kUsage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "windtunnel: internal error: {}\n", error.what());
    return static_cast<int>(ExitCode::kInternal);
  }
  return static_cast<int>(code);
}

/// Graphs of steps come and go: the next one takes the memory of the last, which the kernel would
/// have to clear again if it were given back.
void keep_freed_memory() {
  constexpr int kLargestOnHeap = 32 << 20;  // glibc allows no more
  constexpr int kNeverGivenBack = std::numeric_limits<int>::max();
  mallopt(M_MMAP_THRESHOLD, kLargestOnHeap);
  mallopt(M_TRIM_THRESHOLD, kNeverGivenBack);
}

}  // namespace
}  // namespace windtunnel

int main(int count, char** arguments) {
  windtunnel::keep_freed_memory();
  windtunnel::leave_nothing_when_ended();
  return windtunnel::run(count, arguments);
}
