// What main knows of a command: a name in CLI11's tree and a function to run.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "reports/render/version.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// Exit codes, fixed by the interface.
enum class ExitCode {
  kFine = 0,
  kGateFailed = 1,
  kUsage = 2,
  kMissing = 3,
  kUndecided = 4,
  kInternal = 70,
  kInterrupted = 130
};

/// What the environment decides, read once in main: where the shipped data lie, whether to colour;
/// and what was said on the command line for every command.
struct Environment {
  std::filesystem::path root;  ///< holds bench/measurements, topologies and scenarios
  bool colour;                 ///< of stdout
  bool error_colour;           ///< of stderr
  bool bar;                    ///< stderr is a terminal that can redraw a line
  BuildVersion build;
  bool quiet;
  std::string progress;  ///< auto, always, never
};

/// Adds a subcommand to the tree and returns what runs when it was chosen.
using Command = std::function<ExitCode()>;
Command add_simulate(CLI::App& app, const Environment& environment);
Command add_report(CLI::App& app, const Environment& environment);
Command add_validate(CLI::App& app, const Environment& environment);
Command add_price(CLI::App& app, const Environment& environment);
Command add_schema(CLI::App& app, const Environment& environment);
Command add_sweep(CLI::App& app, const Environment& environment);
Command add_merge(CLI::App& app, const Environment& environment);

/// Writes `text` to `path`, or to stdout for "-".
void write_output(const std::string& path, const std::string& text);

/// Splits the `key=value` of `option`; throws UsageError.
std::pair<std::string, std::string> parse_pair(const std::string& option, const std::string& text);

}  // namespace windtunnel
