// A made-up timeline: pipeline ranks whose slots follow the published DualPipe order, with
// plausible durations.
#pragma once

#include <vector>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// How many pipeline ranks and micro-batches (in both directions together) the sample has; ranks
/// even, micro-batches even and at least twice the ranks.
struct SampleShape {
  int ranks;
  int micro_batches;
};

/// Slots of a DualPipe step and an optimizer slot at its end, by rank and then by start.
std::vector<SlotSpan> sample_timeline(const SampleShape& shape);

}  // namespace windtunnel
