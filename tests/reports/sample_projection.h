// A made-up projection with the proportions of a large pre-training run, for the renderers' tests:
// 16 pipeline ranks whose slots follow the published DualPipe order, with plausible durations.
#pragma once

#include <vector>

#include "reports/render/version.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

inline const BuildVersion kSampleBuild = {"0.1.0", "abcdef0"};

/// How many pipeline ranks and micro-batches (in both directions together) the sample has; ranks
/// even, micro-batches even and at least twice the ranks.
struct SampleShape {
  int ranks;
  int micro_batches;
};

/// Slots of a DualPipe step and an optimizer slot at its end, by rank and then by start.
std::vector<SlotSpan> sample_timeline(const SampleShape& shape);

/// Every field set, every list filled; `shape` is that of the timeline, the step and the ledger.
Projection sample_projection(const SampleShape& shape = {16, 120});

/// No run, nothing published, nothing assumed, every number zero and every list empty.
Projection empty_projection();

}  // namespace windtunnel
