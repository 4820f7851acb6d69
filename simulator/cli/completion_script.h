// Completion of the command line, as scripts of three shells.
#pragma once

#include <string>
#include <vector>

#include "simulator/cli/command_tree.h"

namespace windtunnel {

/// Words that are known when a script is written: shipped scenarios, GPUs, keys of --set.
struct KnownWords {
  std::vector<std::string> scenarios;
  std::vector<std::string> gpus;
  std::vector<std::string> keys;
};

std::string bash_completion(const std::vector<CommandShape>& tree, const KnownWords& known);
std::string zsh_completion(const std::vector<CommandShape>& tree, const KnownWords& known);
std::string fish_completion(const std::vector<CommandShape>& tree, const KnownWords& known);

}  // namespace windtunnel
