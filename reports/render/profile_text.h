// What an imported profile shows, for a terminal.
#pragma once

#include <string>

#include "simulator/profile/profile_folder.h"
#include "simulator/profile/profile_summary.h"

namespace windtunnel {

/// Span, overlap, streams, phases and the longest kernels.
std::string render_profile_text(const ProfileSummary& summary, const std::string& file,
                                bool colour);

/// What became of the kernels in a measurement folder, and what to do about the others.
std::string render_folder_text(const ShapedLaunches& shaped, const std::string& folder,
                               int compute_sms, int sms);

}  // namespace windtunnel
