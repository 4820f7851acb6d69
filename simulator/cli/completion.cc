#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "simulator/base/error.h"
#include "simulator/cli/command.h"
#include "simulator/cli/completion_script.h"
#include "simulator/cli/shipped.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {
namespace {

/// Every key of a training run or a deployment, ready for its value; tables of a list have no name.
std::vector<std::string> set_keys() {
  std::set<std::string> keys;
  for (const FileKeys& file : {scenario_keys(), serving_keys()}) {
    for (const FieldRow& row : describe(file.table)) {
      if (row.key.find('[') == std::string::npos) keys.insert(row.key + "=");
    }
  }
  return {keys.begin(), keys.end()};
}

ExitCode run_completion(const std::string& shell, const CLI::App& app,
                        const Environment& environment) {
  const std::vector<CommandShape> tree = command_tree(app);
  const KnownWords known{.scenarios = shipped_scenarios(environment.root),
                         .gpus = shipped_gpus(environment.root),
                         .keys = set_keys()};
  write_output("-", shell == "bash"  ? bash_completion(tree, known)
                    : shell == "zsh" ? zsh_completion(tree, known)
                                     : fish_completion(tree, known));
  return ExitCode::kFine;
}

}  // namespace

Command add_completion(CLI::App& app, const Environment& environment) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("completion", "Print the completion of the command line for a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "Examples:\n"
      "  source <(windtunnel completion bash)     now, or in ~/.bashrc\n"
      "  windtunnel completion zsh > ~/.zfunc/_windtunnel\n"
      "  windtunnel completion fish | source");
  return [shell, &app, &environment] { return run_completion(*shell, app, environment); };
}

}  // namespace windtunnel
