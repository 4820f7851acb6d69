// Published figures of deployments beside what the simulation says.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "simulator/analysis/comparison.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// The quantity called `name` of a serving projection (such as "memory_total", bytes of the fullest
/// GPU), or nothing where the projection lacks it or no quantity has that name.
std::optional<ProjectedQuantity> serving_quantity(std::string_view name,
                                                  const ServingProjection& projection);

/// Rows for every figure of `file`; an unknown or missing quantity throws ConfigError.
std::vector<ComparisonRow> compare_serving(const PublishedFile& file,
                                           const ServingProjection& projection, bool changed);

}  // namespace windtunnel
