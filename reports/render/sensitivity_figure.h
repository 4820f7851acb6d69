// What the assumptions could change.
#pragma once

#include <string>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// A tornado of GPU hours, or of the step time where there is no run; the widest bar on top.
Figure sensitivity_figure(const Projection& projection, const std::string& id);

}  // namespace windtunnel
