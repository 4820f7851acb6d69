// A lower bound on a step's time, from durations alone: no graph, no engine. It never exceeds what
// the engine makes of the same plan.
//
// The compute lane of a rank runs one op at a time, so that the stretches from the first to the
// last kernel of its slots lie one behind another. A stretch is at least as long as its kernels,
// and as the chain of kernels and transfers that depend on each other in it. Before a rank's first
// slot the chunk came through the stages before it; behind its last one the gradient still has to
// go back through them. The transfers of a rank run one at a time, too, and so do gathers of
// parameters and scatters of gradients. Uneven routing makes a
// rank's time a convex function of loads whose mean over the group is one, so that the mean load
// bounds the slowest member (Jensen).
#pragma once

#include <span>
#include <vector>

#include "simulator/workload/schedules/slot_profile.h"
#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// A chunk of a stage in one kind of slot: from its first kernel to its last, from its first kernel
/// until its output is there, and all that its output depends on; and its transfers.
struct ChunkTimes {
  Picoseconds kernels;  ///< their sum
  Picoseconds stretch;
  Picoseconds output;
  Picoseconds chain;
  Picoseconds transfers;
};

/// The chunks of one stage; what gathers its sharded parameters before a chunk goes forward and
/// backward, and scatters their gradients.
struct StageTimes {
  ChunkTimes forward;
  ChunkTimes backward;
  ChunkTimes backward_input;
  ChunkTimes weight;
  ChunkTimes paired_forward;
  ChunkTimes paired_backward;
  Picoseconds gather_forward;
  Picoseconds gather_backward;
  Picoseconds scatter;
};

/// Of the stage with `blocks` (indices into `costs`) in forward order.
StageTimes stage_times(std::span<const BlockCost> costs, std::span<const int> blocks);

/// No step of these stages is shorter; the update at its end is left out.
Picoseconds least_step(std::span<const RankProfile> ranks, std::span<const StageTimes> stages);

}  // namespace windtunnel
