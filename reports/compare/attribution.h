// What moved a projection.
#pragma once

#include "reports/compare/projection_difference.h"

namespace windtunnel {

/// `settings` are what the scenarios say differently. The inputs whose hash differs, the program's
/// commit, and each term whose share of the step changed with the reason: launched more often,
/// priced from another source, the same source with other measurements, or none of these and so the
/// code.
Attribution attribute(const JsonFile& base, const JsonFile& now, std::vector<std::string> settings);

}  // namespace windtunnel
