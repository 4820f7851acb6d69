#include "simulator/cli/command.h"
#include "simulator/cli/manual.h"

namespace windtunnel {

Command add_man(CLI::App& app, const Environment& environment) {
  CLI::App* command = app.add_subcommand("man", "Print the manual page");
  command->footer("Example:\n  windtunnel man | man -l -");
  return [&app, &environment] {
    write_output("-", manual(command_tree(app), environment.build.version));
    return ExitCode::kFine;
  };
}

}  // namespace windtunnel
