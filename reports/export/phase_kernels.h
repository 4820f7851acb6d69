// The kernels inside a compute phase: the engine runs a phase as one op, prices know what it is
// made of.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/workload/step_pricing.h"

namespace windtunnel {

/// One launch, in picoseconds.
struct PlacedKernel {
  const PricedKernel* kernel;
  std::int64_t start;
  std::int64_t end;
};

/// The launches of a block's phase one after another in [start, end), each with `gap` behind it. A
/// phase lasts longer or shorter than its prices add up to where its rows are not the expected
/// ones: then the kernels of routed rows take the difference, or, where it has none, all alike.
/// Parts of a launch (a kernel that only some layers have) are one shorter launch.
std::vector<PlacedKernel> placed_kernels(const PricedBlock& block, Phase phase, bool paired,
                                         Seconds gap, std::int64_t start, std::int64_t end);

}  // namespace windtunnel
