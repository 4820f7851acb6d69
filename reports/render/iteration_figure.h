// What an iteration of a deployment is made of.
#pragma once

#include <string>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// For each iteration a bar of compute and one of transfers, which run beside it, by kind of
/// kernel, in percent of the iteration.
Figure iteration_figure(const std::vector<IterationProjection>& iterations, const std::string& id);

}  // namespace windtunnel
