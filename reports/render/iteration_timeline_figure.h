// A deployment's iterations over time: stages of layers on the compute stream and beside it.
#pragma once

#include <string>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// Each iteration whole, and some layers from the middle of it enlarged. An enlarged stage's title
/// names its longest kernels and what most of its priced time rests on.
Figure iteration_timeline_figure(const std::vector<IterationProjection>& iterations,
                                 const std::string& id);

}  // namespace windtunnel
