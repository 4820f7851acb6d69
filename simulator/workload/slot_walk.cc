#include "simulator/workload/slot_walk.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

namespace windtunnel {
namespace {

constexpr std::int64_t kUnknown = -1;

/// Where the walk is: when outputs of chunks are there, and each rank's last slot ended.
struct Walk {
  const ScheduleShape& shape;
  std::span<const StageTimes> stages;
  std::vector<std::int64_t> forward;
  std::vector<std::int64_t> backward;
  std::int64_t last = 0;

  [[nodiscard]] std::size_t place(const Chunk& chunk) const {
    const auto micro_batches = static_cast<std::size_t>(shape.micro_batches);
    return (static_cast<std::size_t>(chunk.direction) * micro_batches +
            static_cast<std::size_t>(chunk.micro_batch)) *
               stages.size() +
           static_cast<std::size_t>(chunk.stage);
  }
};

/// When a forward's input is there; kUnknown before its own slot was walked.
std::int64_t forward_input(const Walk& walk, Chunk chunk) {
  if (chunk.stage == 0) return 0;
  --chunk.stage;
  return walk.forward[walk.place(chunk)];
}

std::int64_t backward_input(const Walk& walk, Chunk chunk) {
  if (chunk.stage + 1 == static_cast<int>(walk.stages.size())) {
    return walk.forward[walk.place(chunk)];
  }
  ++chunk.stage;
  return walk.backward[walk.place(chunk)];
}

/// What its rank's lane and its input leave a chunk. A chunk without kernels waits for no lane.
std::int64_t output_of(const ChunkTimes& chunk, std::int64_t free, std::int64_t input) {
  const std::int64_t by_input = input + chunk.chain.count;
  if (chunk.output.count == 0) return by_input;
  return std::max(by_input, std::max(free, input) + chunk.output.count);
}

/// Walks a slot of a rank that is free from `free` on; returns its end, or kUnknown where an input
/// is not known yet.
std::int64_t walk_slot(Walk& walk, const Slot& slot, std::int64_t free) {
  const bool ahead = has_forward(slot.kind);
  const bool back = has_backward_input(slot.kind);
  const std::int64_t f_input = ahead ? forward_input(walk, slot.forward) : 0;
  const std::int64_t b_input = back ? backward_input(walk, slot.backward) : 0;
  if (f_input == kUnknown || b_input == kUnknown) return kUnknown;
  const auto stage = [&](const Chunk& chunk) -> const StageTimes& {
    return walk.stages[static_cast<std::size_t>(chunk.stage)];
  };
  if (slot.kind == SlotKind::kWeight) return free + stage(slot.backward).weight.kernels.count;
  const bool paired = ahead && back;
  std::int64_t end = free;
  std::int64_t kernels = 0;
  const auto add = [&](const ChunkTimes& chunk, std::int64_t input, std::int64_t& output) {
    output = output_of(chunk, free, input);
    end = std::max(end, std::max(free, input) + chunk.stretch.count);
    kernels += chunk.kernels.count;
    walk.last = std::max(walk.last, output);
  };
  if (ahead) {
    const StageTimes& times = stage(slot.forward);
    add(paired ? times.paired_forward : times.forward, f_input,
        walk.forward[walk.place(slot.forward)]);
  }
  if (back) {
    const StageTimes& times = stage(slot.backward);
    add(paired                                  ? times.paired_backward
        : slot.kind == SlotKind::kBackwardInput ? times.backward_input
                                                : times.backward,
        b_input, walk.backward[walk.place(slot.backward)]);
  }
  const std::int64_t first = paired ? std::min(f_input, b_input) : ahead ? f_input : b_input;
  return std::max(end, std::max(free, first) + kernels);
}

}  // namespace

Picoseconds least_walk(const ScheduleKind& kind, const ScheduleShape& shape,
                       std::span<const StageTimes> stages) {
  const std::vector<RankSlots> slots = kind.slots(shape);
  const std::size_t chunks = static_cast<std::size_t>(kind.directions) *
                             static_cast<std::size_t>(shape.micro_batches) * stages.size();
  Walk walk{.shape = shape,
            .stages = stages,
            .forward = std::vector<std::int64_t>(chunks, kUnknown),
            .backward = std::vector<std::int64_t>(chunks, kUnknown)};
  std::vector<std::size_t> next(slots.size(), 0);
  std::vector<std::int64_t> free(slots.size(), 0);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t rank = 0; rank < slots.size(); ++rank) {
      while (next[rank] < slots[rank].size()) {
        const std::int64_t end = walk_slot(walk, slots[rank][next[rank]], free[rank]);
        if (end == kUnknown) break;
        free[rank] = end;
        ++next[rank];
        moved = true;
      }
    }
  }
  for (std::size_t rank = 0; rank < slots.size(); ++rank) {
    assert(next[rank] == slots[rank].size());
    walk.last = std::max(walk.last, free[rank]);
  }
  return {walk.last};
}

}  // namespace windtunnel
