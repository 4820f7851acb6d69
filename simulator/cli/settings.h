// `--set KEY=VALUE`, any number of times: keys of a scenario changed on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {

/// Adds the option to `command`; what is given lands in `texts`.
void add_settings(CLI::App& command, std::vector<std::string>& texts);

/// Throws UsageError.
std::vector<Override> settings_of(const std::vector<std::string>& texts);

/// A projection rests on them as on its files.
void add_setting_inputs(std::vector<InputFile>& inputs, const std::vector<std::string>& texts);

}  // namespace windtunnel
