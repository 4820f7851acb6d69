// 1F1B (PipeDream-Flush, Narayanan et al. 2021): a rank runs forwards until its first micro-batch
// comes back, then alternates, so that rank r never holds more than PP - r micro-batches.
#include <algorithm>
#include <cassert>
#include <cstddef>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {
namespace {

int rank_of(const ScheduleShape&, const Chunk& chunk) { return chunk.stage; }

std::optional<std::string> problem(const ScheduleShape& shape) {
  return problem_of_empty("1f1b", shape);
}

std::vector<RankSlots> slots(const ScheduleShape& shape) {
  assert(!problem(shape));
  std::vector<RankSlots> ranks(static_cast<std::size_t>(shape.pipeline_ranks));
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    RankSlots& list = ranks[static_cast<std::size_t>(rank)];
    list.reserve(2 * static_cast<std::size_t>(shape.micro_batches));
    const auto add = [&list, rank](SlotKind kind, int micro_batch) {
      const Chunk chunk{.direction = 0, .micro_batch = micro_batch, .stage = rank};
      list.push_back({.kind = kind, .forward = chunk, .backward = chunk});
    };
    const int warm_up = std::min(shape.pipeline_ranks - rank - 1, shape.micro_batches);
    for (int i = 0; i < warm_up; ++i) add(SlotKind::kForward, i);
    for (int i = 0; i < shape.micro_batches; ++i) {
      if (i + warm_up < shape.micro_batches) add(SlotKind::kForward, i + warm_up);
      add(SlotKind::kBackward, i);
    }
  }
  return ranks;
}

int peak_chunks(const ScheduleShape& shape, int rank) {
  return std::min(shape.pipeline_ranks - rank, shape.micro_batches);
}

Picoseconds bubble(const ScheduleShape& shape, const SlotDurations& time) {
  return {(shape.pipeline_ranks - 1) * (time.forward + time.backward).count};
}

bool exact(const ScheduleShape&, const SlotDurations&, int) { return true; }

}  // namespace

ScheduleKind one_f_one_b() {
  return {.name = "1f1b",
          .doc = "One forward, one backward in turn after a short warm-up (PipeDream-Flush).",
          .directions = 1,
          .parameter_copies = 1,
          .virtual_stages = 1,
          .rank_of = rank_of,
          .problem = problem,
          .slots = slots,
          .peak_chunks = peak_chunks,
          .bubble = BubbleFormula{.text = "(PP-1)(F+B)",
                                  .source = "DeepSeek-V3 report, table 2",
                                  .condition = "on every rank",
                                  .bubble = bubble,
                                  .exact = exact}};
}

}  // namespace windtunnel
