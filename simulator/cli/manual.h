// The manual page, in roff.
#pragma once

#include <string>
#include <vector>

#include "simulator/cli/command_tree.h"

namespace windtunnel {

/// windtunnel(1): every command with its options and examples, exit codes, environment.
std::string manual(const std::vector<CommandShape>& tree, const std::string& version);

}  // namespace windtunnel
