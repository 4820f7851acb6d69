// What a plan sets, key by key in the words of a scenario, and the scenario file that says so.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/workload/scenario.h"

namespace windtunnel {

/// A dotted key and its value as TOML.
using PlanSetting = std::pair<std::string, std::string>;

/// All that a search decides about a training plan but its cluster.
std::vector<PlanSetting> training_settings(const Scenario& plan, bool with_nodes);

/// A text as a TOML value.
std::string toml_text(const std::string& text);

/// A scenario file in `folder` that extends `base` with `settings`, on the cluster of that file
/// where there is one.
std::string settings_file(const std::string& name, const std::filesystem::path& base,
                          const std::optional<std::filesystem::path>& cluster,
                          const std::vector<PlanSetting>& settings,
                          const std::filesystem::path& folder);

}  // namespace windtunnel
