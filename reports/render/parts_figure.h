// The step of every pipeline rank, divided by what its compute stream was given to.
#pragma once

#include <string>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// Stacked bars, a pipeline rank a row; `id` starts the ids of the drawing.
Figure parts_figure(const StepProjection& step, const std::string& id);

}  // namespace windtunnel
