// The memory ledger of every pipeline rank against what a GPU holds.
#pragma once

#include <string>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// Stacked bars in GiB, a pipeline rank a row, and a line at the capacity.
Figure memory_figure(const MemoryProjection& memory, const std::string& id);

}  // namespace windtunnel
