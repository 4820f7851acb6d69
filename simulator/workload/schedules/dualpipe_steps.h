// The order of slots that DualPipe and DualPipeV share: a rank sees two streams of chunks, one that
// has just entered the pipeline and one that is about to leave it.
#pragma once

#include <array>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

/// A rank `distance` ranks from the nearest end of a pipeline that is `half` ranks from an end to
/// its middle, the rank at distance `half` - 1. It runs the main step `rounds` times.
struct DualPipeRank {
  int half;
  int distance;
  int rounds;
};

/// The rank's slots. `first` holds the first chunk of the stream whose entrance the rank is nearer
/// to, and that of the other; a stream's further chunks are its next micro-batches.
RankSlots dualpipe_steps(const DualPipeRank& rank, const std::array<Chunk, 2>& first);

}  // namespace windtunnel
