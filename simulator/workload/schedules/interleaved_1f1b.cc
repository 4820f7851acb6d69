// Interleaved 1F1B (Narayanan et al. 2021, section 2.2.2, and Megatron-LM): rank r of R holds the
// stages r, R + r, 2R + r, ..., one of v parts of the model each, so that a micro-batch passes
// every rank v times and filling the pipeline takes a v-th of the time.
//
// A rank runs R micro-batches through its first stage, the same R through its second, and so on;
// backwards in the reverse order of stages. The warm-up is as long as the first micro-batch needs
// to come back: (v - 1) R chunks, and 2 for each rank behind this one.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {
namespace {

int rank_of(const ScheduleShape& shape, const Chunk& chunk) {
  return chunk.stage % shape.pipeline_ranks;
}

std::optional<std::string> problem(const ScheduleShape& shape) {
  const std::int64_t ranks = std::max(shape.pipeline_ranks, 1);
  const std::int64_t below = std::max<std::int64_t>(shape.micro_batches / ranks, 1) * ranks;
  const bool whole = shape.pipeline_ranks == ranks && shape.micro_batches == below;
  if (whole && shape.virtual_stages >= 2) return std::nullopt;
  if (whole) {
    return "interleaved_1f1b needs at least 2 stages a rank, not " +
           std::to_string(shape.virtual_stages) + "; with 1 it would be 1f1b";
  }
  const std::string above =
      shape.micro_batches > below ? " or " + std::to_string(below + ranks) : std::string();
  return "interleaved_1f1b needs a multiple of the pipeline ranks as micro-batches: " +
         shape_text(shape.pipeline_ranks, shape.micro_batches) + " cannot run, " +
         shape_text(ranks, below) + above + " can";
}

/// The `index`-th chunk that a rank runs forward, or backward.
Chunk chunk_at(const ScheduleShape& shape, int rank, int index, bool backward) {
  const int ranks = shape.pipeline_ranks;
  const int round = index / stage_count(shape);
  const int within = index % stage_count(shape);
  const int part = within / ranks;
  const int of_rank = backward ? shape.virtual_stages - 1 - part : part;
  return {.direction = 0,
          .micro_batch = round * ranks + within % ranks,
          .stage = of_rank * ranks + rank};
}

/// Chunks that a rank runs forward before its first backward, the one of the steady state excepted.
int warm_up(const ScheduleShape& shape, int rank) {
  const int back = 2 * (shape.pipeline_ranks - rank - 1);
  return std::min((shape.virtual_stages - 1) * shape.pipeline_ranks + back,
                  shape.micro_batches * shape.virtual_stages);
}

std::vector<RankSlots> slots(const ScheduleShape& shape) {
  assert(!problem(shape));
  const int chunks = shape.micro_batches * shape.virtual_stages;
  std::vector<RankSlots> ranks(static_cast<std::size_t>(shape.pipeline_ranks));
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    RankSlots& list = ranks[static_cast<std::size_t>(rank)];
    list.reserve(2 * static_cast<std::size_t>(chunks));
    const auto add = [&](SlotKind kind, int index) {
      const Chunk chunk = chunk_at(shape, rank, index, kind == SlotKind::kBackward);
      list.push_back({.kind = kind, .forward = chunk, .backward = chunk});
    };
    const int ahead = warm_up(shape, rank);
    for (int i = 0; i < ahead; ++i) add(SlotKind::kForward, i);
    for (int i = 0; i < chunks; ++i) {
      if (i + ahead < chunks) add(SlotKind::kForward, i + ahead);
      add(SlotKind::kBackward, i);
    }
  }
  return ranks;
}

int peak_chunks(const ScheduleShape& shape, int rank) {
  return std::min(warm_up(shape, rank) + 1, shape.micro_batches * shape.virtual_stages);
}

/// F and B of a stage are a v-th of a rank's.
Picoseconds bubble(const ScheduleShape& shape, const SlotDurations& time) {
  return {(shape.pipeline_ranks - 1) * (time.forward + time.backward).count};
}

bool exact(const ScheduleShape&, const SlotDurations&, int) { return true; }

}  // namespace

ScheduleKind interleaved_1f1b() {
  return {.name = "interleaved_1f1b",
          .doc = "1F1B with several stages a rank, which shortens its bubble (Megatron-LM).",
          .directions = 1,
          .parameter_copies = 1,
          .virtual_stages = {},
          .rank_of = rank_of,
          .problem = problem,
          .slots = slots,
          .peak_chunks = peak_chunks,
          .bubble = BubbleFormula{.text = "(PP-1)(F+B), a v-th of 1F1B's",
                                  .source = "Narayanan et al. 2021, section 2.2.2",
                                  .condition = "on every rank",
                                  .bubble = bubble,
                                  .exact = exact}};
}

}  // namespace windtunnel
