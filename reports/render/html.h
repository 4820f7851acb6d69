// The report: one file, nothing loaded from elsewhere, readable without scripts.
#pragma once

#include <string>
#include <vector>

#include "reports/render/version.h"
#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// A page of one or more projections, the document of each embedded as JSON (ids `data`, `data-2`,
/// ...). Those that would take the page past 1 MB are cards without figures and data.
std::string render_html(const std::vector<Projection>& projections, const BuildVersion& build);

/// The same with serving scenarios behind the others.
std::string render_html(const std::vector<Projection>& projections,
                        const std::vector<ServingProjection>& serving, const BuildVersion& build);

}  // namespace windtunnel
