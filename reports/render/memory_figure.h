// The memory ledger of every pipeline rank, or of every kind of serving unit, against what a GPU
// holds.
#pragma once

#include <string>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"
#include "simulator/workload/serving/memory.h"

namespace windtunnel {

/// Stacked bars in GiB, a pipeline rank a row, and a line at the capacity.
Figure memory_figure(const MemoryProjection& memory, const std::string& id);

/// The same of a deployment, a kind of unit a row.
Figure unit_memory_figure(const std::vector<UnitMemory>& units, const std::string& id);

}  // namespace windtunnel
