// Two projections beside each other, for people and programs.
#pragma once

#include <string>

#include "reports/compare/projection_difference.h"
#include "reports/render/version.h"

namespace windtunnel {

/// Headline figures that differ, what moved them, and how to accept it; `all` lists every field.
std::string render_difference_text(const ProjectionDifference& difference, bool all, bool colour);

/// `windtunnel/comparison`, version 1, kind `projections`: rows of fields, and the attribution.
std::string render_difference_json(const ProjectionDifference& difference,
                                   const BuildVersion& build);

/// The same in Markdown for $GITHUB_STEP_SUMMARY.
std::string render_difference_summary(const ProjectionDifference& difference);

}  // namespace windtunnel
