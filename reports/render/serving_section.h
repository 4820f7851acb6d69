// A serving projection on the page.
#pragma once

#include <string>
#include <vector>

#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// Rates with their ranges, the queue's percentiles, and the ledger of each unit, as tables.
std::string serving_section(const ServingProjection& projection, std::size_t index);

/// Several deployments side by side; empty for fewer than two.
std::string serving_comparison(const std::vector<ServingProjection>& projections);

}  // namespace windtunnel
