// Runs a launch: which thread goes on next, and what lands when.
#pragma once

#include "kernels/device/model/grid.h"

namespace windtunnel::device::model {

/// Runs every CTA of the grid; the failure is left in `grid.failure`.
void run(Grid& grid, Stacks& stacks, bool co_resident);

}  // namespace windtunnel::device::model
