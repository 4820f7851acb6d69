// The document of a comparison.
#pragma once

#include <string>

#include "reports/compare/result_comparison.h"
#include "reports/render/version.h"

namespace windtunnel {

/// `windtunnel/comparison`, version 1: rows in the order of BASE.
std::string render_comparison_json(const ResultComparison& comparison, const BuildVersion& build);

}  // namespace windtunnel
