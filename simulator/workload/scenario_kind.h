// What a scenario file is, before it is read whole: each family has its keys and its reader.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "simulator/base/toml_file.h"

namespace windtunnel {

enum class ScenarioFamily : std::uint8_t { kTraining, kServing, kReinforcement, kCampaign };

/// By the file's `kind`, after `overrides`; throws ConfigError where that is missing or none's, and
/// for a file that can't be read.
ScenarioFamily scenario_family(const std::filesystem::path& file,
                               const std::vector<Override>& overrides);

}  // namespace windtunnel
