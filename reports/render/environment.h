// What a machine has of what the programs use, as `doctor` says it.
#pragma once

#include <string>
#include <vector>

#include "reports/render/version.h"

namespace windtunnel {

enum class Health { kFine, kAbsent, kBroken };

/// One thing that was looked for. `absent` things are missed by what `needed_for` names only.
struct EnvironmentCheck {
  std::string name;
  Health health;
  std::string found;       ///< a version, a path; or why not
  std::string needed_for;  ///< simulate, bench, collectives, build
};

/// A row each, and what can't be done here.
std::string render_environment_text(const std::vector<EnvironmentCheck>& checks, bool colour);

/// The document `windtunnel/environment`, version 1.
std::string render_environment_json(const std::vector<EnvironmentCheck>& checks,
                                    const BuildVersion& build);

}  // namespace windtunnel
