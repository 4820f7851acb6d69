// CLI11's tree of commands as plain values, for what is generated from it: completion, the manual.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace windtunnel {

/// An option or, without dashes, a positional argument.
struct OptionShape {
  std::vector<std::string> names;    ///< "-o", "--output"; of a positional "SCENARIO"
  std::string value;                 ///< what it takes: "FILE", "KEY=VALUE"; empty for a flag
  std::vector<std::string> choices;  ///< the only values it takes; empty for any
  std::string doc;
  bool positional;
  bool required;
  bool repeated;  ///< may be given several values
};

struct CommandShape {
  std::string name;
  std::string doc;
  std::string footer;  ///< its examples
  std::vector<OptionShape> options;
};

/// The program itself first, whose options every command takes too; then its commands in the order
/// in which they were added.
std::vector<CommandShape> command_tree(const CLI::App& app);

/// What completes a value: names of scenarios, of GPUs, any file, nothing known.
enum class ValueKind { kScenario, kGpu, kKey, kFile, kOther };
ValueKind value_kind(const OptionShape& option);

}  // namespace windtunnel
