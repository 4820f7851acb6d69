#include <algorithm>
#include <memory>

#include "reports/render/environment.h"
#include "simulator/cli/command.h"
#include "simulator/cli/machine.h"

namespace windtunnel {
namespace {

struct Options {
  std::string purpose = "simulate";
  std::string json;
};

/// Benchmarks between GPUs need what those on one need.
bool needed(const EnvironmentCheck& check, const std::string& purpose) {
  if (check.needed_for == "simulate") return true;
  if (purpose == "bench") return check.needed_for == "bench" || check.needed_for == "build";
  if (purpose == "collectives") return true;
  return purpose == "build" && check.needed_for == "build";
}

ExitCode run_doctor(const Options& options, const Environment& environment) {
  const std::vector<EnvironmentCheck> checks = look_at_machine(environment);
  if (!options.json.empty()) {
    write_output(options.json, render_environment_json(checks, environment.build));
  }
  if (options.json != "-") write_output("-", render_environment_text(checks, environment.colour));
  const bool lacks = std::any_of(checks.begin(), checks.end(), [&](const EnvironmentCheck& check) {
    return check.health != Health::kFine && needed(check, options.purpose);
  });
  return lacks ? ExitCode::kMissing : ExitCode::kFine;
}

}  // namespace

Command add_doctor(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("doctor", "Say what this machine has of what the programs need");
  command
      ->add_option("--for", options->purpose,
                   "exit with 3 where something is missing for it (default: simulate)")
      ->check(CLI::IsMember({"simulate", "build", "bench", "collectives"}));
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  windtunnel doctor\n"
      "  windtunnel doctor --for bench --json -     exit 3 without a GPU");
  return [options, &environment] { return run_doctor(*options, environment); };
}

}  // namespace windtunnel
