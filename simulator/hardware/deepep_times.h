// Expert dispatch and combine from the bandwidths that DeepEP's authors publish for a GPU.
#pragma once

#include <string_view>
#include <vector>

#include "simulator/hardware/author_times.h"

namespace windtunnel {

inline constexpr std::string_view kDeepepTable = "deepep_normal";

/// The shapes of the deepep_normal table that the authors give a rate for, with the range of the
/// rates of all dates. Their model has 256 experts. Empty for a GPU without published bandwidths.
std::vector<AuthorTime> deepep_times(const MeasurementStore& store, const Gpu& gpu);

}  // namespace windtunnel
