// What a schedule's slots come to: how often each rank runs which, and how much it holds. A step of
// thousands of slots is bounded by a few dozen numbers.
#pragma once

#include <vector>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

/// `count` slots of one kind with chunks of the same stages; -1 where it has no such chunk.
struct SlotCount {
  SlotKind kind;
  int forward_stage;
  int backward_stage;
  int count;
};

/// A chunk on another rank: its stage and the kind of slot that it is run in.
struct ChunkSlot {
  int stage;
  SlotKind kind;
};

/// A rank's slots in three parts: those before the last one that hands a gradient on, that one, and
/// those behind it (weight gradients). `fill`: forwards that must end before its first slot;
/// `drain`: backwards that can only start behind its last one. `held`: chunks in flight at its
/// fullest moments, a number for each of `stages`; whichever weighs the most, it is one of these.
struct RankProfile {
  std::vector<int> stages;
  std::vector<SlotCount> before;
  SlotCount last;
  std::vector<SlotCount> behind;
  std::vector<ChunkSlot> fill;
  std::vector<ChunkSlot> drain;
  std::vector<std::vector<int>> held;
};

/// Of each rank of `kind` in a `shape` that has no problem.
std::vector<RankProfile> slot_profile(const ScheduleKind& kind, const ScheduleShape& shape);

}  // namespace windtunnel
