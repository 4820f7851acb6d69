// The projection document of a serving scenario: the names that interface.md fixes, under
// `serving`.
#pragma once

#include <string>

#include "reports/render/version.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// The document `windtunnel/projection`, version 1, with `serving` instead of a step.
std::string render_serving_json(const ServingProjection& projection, const BuildVersion& build);

}  // namespace windtunnel
