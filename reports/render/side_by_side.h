// Several scenarios next to each other, before the page of each.
#pragma once

#include <string>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// The ids of the sections of scenario `index`: "scenario", "scenario-2", ..., "serving-1", ...
std::string section_id(const Projection& projection, std::size_t index);
std::string section_id(const ServingProjection& projection, std::size_t index);

/// A table and a figure of the runs, and of the deployments, with links to each; empty where there
/// is one scenario only.
std::string side_by_side(const std::vector<Projection>& projections,
                         const std::vector<ServingProjection>& serving);

}  // namespace windtunnel
