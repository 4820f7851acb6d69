// GPipe (Huang et al. 2019): every forward, then every backward. The simplest schedule there is,
// and the one that holds the most activations.
#include <cassert>
#include <cstddef>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {
namespace {

int rank_of(const ScheduleShape&, const Chunk& chunk) { return chunk.stage; }

std::optional<std::string> problem(const ScheduleShape& shape) {
  return problem_of_empty("gpipe", shape);
}

std::vector<RankSlots> slots(const ScheduleShape& shape) {
  assert(!problem(shape));
  std::vector<RankSlots> ranks(static_cast<std::size_t>(shape.pipeline_ranks));
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    RankSlots& list = ranks[static_cast<std::size_t>(rank)];
    list.reserve(2 * static_cast<std::size_t>(shape.micro_batches));
    for (const SlotKind kind : {SlotKind::kForward, SlotKind::kBackward}) {
      for (int i = 0; i < shape.micro_batches; ++i) {
        const Chunk chunk{.direction = 0, .micro_batch = i, .stage = rank};
        list.push_back({.kind = kind, .forward = chunk, .backward = chunk});
      }
    }
  }
  return ranks;
}

int peak_chunks(const ScheduleShape& shape, int) { return shape.micro_batches; }

Picoseconds bubble(const ScheduleShape& shape, const SlotDurations& time) {
  return {(shape.pipeline_ranks - 1) * (time.forward + time.backward).count};
}

bool exact(const ScheduleShape&, const SlotDurations&, int) { return true; }

}  // namespace

ScheduleKind gpipe() {
  return {.name = "gpipe",
          .doc = "Every forward, then every backward (GPipe).",
          .directions = 1,
          .parameter_copies = 1,
          .virtual_stages = 1,
          .rank_of = rank_of,
          .problem = problem,
          .slots = slots,
          .peak_chunks = peak_chunks,
          .bubble = BubbleFormula{.text = "(PP-1)(F+B)",
                                  .source = "Huang et al. 2019, section 2.3",
                                  .condition = "on every rank",
                                  .bubble = bubble,
                                  .exact = exact}};
}

}  // namespace windtunnel
