// ZB-H1, or ZB1P (Qi et al., Zero Bubble Pipeline Parallelism, arXiv 2401.10241, section 2.1): 1F1B
// whose backwards leave weight gradients for later. Rank r runs those of a micro-batch r
// micro-batches after its backward: gradients reach the ranks before it sooner, the weight
// gradients that are left fill the end, and every rank holds as many chunks as 1F1B's first one.
#include <algorithm>
#include <cassert>
#include <cstddef>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {
namespace {

int rank_of(const ScheduleShape&, const Chunk& chunk) { return chunk.stage; }

std::optional<std::string> problem(const ScheduleShape& shape) {
  return problem_of_empty("zb_h1", shape);
}

/// Rank 0 hands no gradient on and therefore splits no backward.
RankSlots slots_of(const ScheduleShape& shape, int rank) {
  const int micro_batches = shape.micro_batches;
  RankSlots list;
  list.reserve(3 * static_cast<std::size_t>(micro_batches));
  const auto add = [&list, rank](SlotKind kind, int micro_batch) {
    const Chunk chunk{.direction = 0, .micro_batch = micro_batch, .stage = rank};
    list.push_back({.kind = kind, .forward = chunk, .backward = chunk});
  };
  const int warm_up = std::min(shape.pipeline_ranks - rank - 1, micro_batches);
  for (int i = 0; i < warm_up; ++i) add(SlotKind::kForward, i);
  for (int i = 0; i < micro_batches; ++i) {
    if (i + warm_up < micro_batches) add(SlotKind::kForward, i + warm_up);
    add(rank == 0 ? SlotKind::kBackward : SlotKind::kBackwardInput, i);
    if (rank > 0 && i >= rank) add(SlotKind::kWeight, i - rank);
  }
  if (rank == 0) return list;
  for (int i = std::max(micro_batches - rank, 0); i < micro_batches; ++i) {
    add(SlotKind::kWeight, i);
  }
  return list;
}

std::vector<RankSlots> slots(const ScheduleShape& shape) {
  assert(!problem(shape));
  std::vector<RankSlots> ranks;
  ranks.reserve(static_cast<std::size_t>(shape.pipeline_ranks));
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) ranks.push_back(slots_of(shape, rank));
  return ranks;
}

int peak_chunks(const ScheduleShape& shape, int) {
  return std::min(shape.pipeline_ranks, shape.micro_batches);
}

Picoseconds bubble(const ScheduleShape& shape, const SlotDurations& time) {
  const std::int64_t each = (time.forward + time.backward).count - 2 * time.weight.count;
  return {(shape.pipeline_ranks - 1) * each};
}

/// Found by running it against the ideal pipeline; enough, not necessary.
bool exact(const ScheduleShape& shape, const SlotDurations& time, int) {
  return shape.micro_batches >= shape.pipeline_ranks && time.weight <= time.forward &&
         time.weight <= time.backward - time.weight;
}

}  // namespace

ScheduleKind zb_h1() {
  return {.name = "zb_h1",
          .doc = "1F1B with weight gradients put off into its bubbles (ZB-H1, ZB1P).",
          .directions = 1,
          .parameter_copies = 1,
          .virtual_stages = 1,
          .rank_of = rank_of,
          .problem = problem,
          .slots = slots,
          .peak_chunks = peak_chunks,
          .bubble = BubbleFormula{
              .text = "(PP-1)(F+B-2W)",
              .source = "Qi et al., arXiv 2401.10241, section 2.1; DeepSeek-V3 report, table 2",
              .condition = "on every rank, from PP micro-batches on, when W <= F and W <= B - W",
              .bubble = bubble,
              .exact = exact}};
}

}  // namespace windtunnel
