// The document of an imported profile.
#pragma once

#include <string>
#include <vector>

#include "reports/render/version.h"
#include "simulator/analysis/projection.h"
#include "simulator/profile/profile_summary.h"

namespace windtunnel {

/// The document `windtunnel/trace_import`, version 1: seconds; streams by device, phases and
/// kernels by total time.
std::string render_profile_json(const ProfileSummary& summary, const std::vector<InputFile>& inputs,
                                const BuildVersion& build);

}  // namespace windtunnel
