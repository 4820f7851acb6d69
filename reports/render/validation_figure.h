// Published figures beside their projections.
#pragma once

#include <string>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// A dot a figure at projected / published, its interval and tolerance; failures first.
Figure validation_figure(const std::vector<ComparisonRow>& rows, const std::string& id);

}  // namespace windtunnel
