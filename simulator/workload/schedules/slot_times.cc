#include "simulator/workload/schedules/slot_times.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace windtunnel {
namespace {

/// The ops that compute each chunk's forward, its input gradient and its weight gradient.
struct ChunkOps {
  OpId forward = kNone;
  OpId backward = kNone;
};

/// Chunks in an array: all stages of a micro-batch side by side, directions apart.
struct ChunkIndex {
  int micro_batches;
  int stages;

  std::size_t operator()(const Chunk& chunk) const {
    const auto row =
        static_cast<std::size_t>(chunk.direction) * static_cast<std::size_t>(micro_batches) +
        static_cast<std::size_t>(chunk.micro_batch);
    return row * static_cast<std::size_t>(stages) + static_cast<std::size_t>(chunk.stage);
  }
};

/// F(m, s) waits for F(m, s-1); B(m, s) for B(m, s+1) and F(m, s); W(m, s) for B(m, s).
void link_slot(OpGraph& graph, OpId op, const Slot& slot, const std::vector<ChunkOps>& chunks,
               const ChunkIndex& index, int stages) {
  if (has_forward(slot.kind) && slot.forward.stage > 0) {
    graph.add_input(op, chunks[index(slot.forward) - 1].forward);
  }
  if (has_backward_input(slot.kind)) {
    graph.add_input(op, chunks[index(slot.backward)].forward);
    if (slot.backward.stage < stages - 1) {
      graph.add_input(op, chunks[index(slot.backward) + 1].backward);
    }
  }
  if (slot.kind == SlotKind::kWeight) graph.add_input(op, chunks[index(slot.backward)].backward);
}

}  // namespace

Picoseconds slot_time(const Slot& slot, std::span<const SlotDurations> stages) {
  const auto of = [stages](const Chunk& chunk) -> const SlotDurations& {
    return stages[static_cast<std::size_t>(chunk.stage)];
  };
  switch (slot.kind) {
    case SlotKind::kForward:
      return of(slot.forward).forward;
    case SlotKind::kBackward:
      return of(slot.backward).backward;
    case SlotKind::kBackwardInput:
      return of(slot.backward).backward - of(slot.backward).weight;
    case SlotKind::kWeight:
      return of(slot.backward).weight;
    case SlotKind::kOverlapped:
      break;
  }
  const SlotDurations& ahead = of(slot.forward);
  const SlotDurations& back = of(slot.backward);
  const Picoseconds saved = ahead.forward + ahead.backward - ahead.overlapped + back.forward +
                            back.backward - back.overlapped;
  return ahead.forward + back.backward - Picoseconds{saved.count / 2};
}

OpGraph lower_slots(const ScheduleKind& kind, const ScheduleShape& shape,
                    std::span<const SlotDurations> stages) {
  const int in_all = stage_count(shape);
  assert(static_cast<int>(stages.size()) == in_all);
  const std::vector<RankSlots> ranks = kind.slots(shape);
  const int each = micro_batches_each(kind, shape);
  const ChunkIndex index{.micro_batches = each, .stages = in_all};
  std::vector<ChunkOps> chunks(static_cast<std::size_t>(kind.directions) *
                               static_cast<std::size_t>(each) * static_cast<std::size_t>(in_all));
  OpGraph graph;
  std::vector<OpId> ops;
  for (const RankSlots& list : ranks) {
    const LaneId lane = graph.add_lane();
    for (const Slot& slot : list) {
      const OpId op = graph.add_op(lane, slot_time(slot, stages), {});
      ops.push_back(op);
      if (has_forward(slot.kind)) chunks[index(slot.forward)].forward = op;
      if (has_backward_input(slot.kind)) chunks[index(slot.backward)].backward = op;
    }
  }
  std::size_t next = 0;
  for (const RankSlots& list : ranks) {
    for (const Slot& slot : list) link_slot(graph, ops[next++], slot, chunks, index, in_all);
  }
  return graph;
}

}  // namespace windtunnel
