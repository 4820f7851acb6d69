#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/cli/program.h"

namespace windtunnel {
namespace {

/// The commands that `--help` lists, each at the beginning of a line with two blanks.
std::vector<std::string> commands() {
  std::istringstream help(run_program({"--help"}).out);
  std::vector<std::string> names;
  bool listed = false;
  for (std::string line; std::getline(help, line);) {
    if (line.empty()) listed = false;
    if (listed && line.size() > 2 && line[2] != ' ') {
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    if (line == "Subcommands:") listed = true;
  }
  return names;
}

// The tree is walked, not written twice: a new command is in the manual by itself.
TEST(CommandTree, EveryCommandIsInTheManualAndShowsAnExample) {
  const std::string manual = run_program({"man"}).out;
  EXPECT_GE(commands().size(), 8U);
  for (const std::string& name : commands()) {
    const std::string heading = std::regex_replace(name, std::regex("-"), "\\-");  // roff's hyphen
    EXPECT_NE(manual.find(".SS " + heading + "\n"), std::string::npos) << name;
    EXPECT_NE(run_program({name, "--help"}).out.find("Example"), std::string::npos)
        << name << ": its add_" << name << " calls no command->footer(\"Examples:...\")";
  }
}

}  // namespace
}  // namespace windtunnel
