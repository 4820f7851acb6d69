// DualPipeV (deepseek-ai/DualPipe at 3da1bbe): DualPipe cut in half. Every micro-batch goes down
// the ranks and comes back up, rank r holding stages r and 2R - 1 - r of R ranks, so that the two
// streams which a rank overlaps are two stages of one model, not two copies of it.
//
// A rank sees what rank r of a DualPipe pipeline of 2R ranks sees: its far stream is what that
// pipeline's mirrored half would send, and arrives at the same time.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "simulator/workload/schedules/dualpipe_steps.h"

namespace windtunnel {
namespace {

std::optional<std::string> problem(const ScheduleShape& shape) {
  const std::int64_t ranks = std::max(shape.pipeline_ranks, 1);
  const std::int64_t enough = std::max<std::int64_t>(shape.micro_batches, 2 * ranks);
  if (shape.pipeline_ranks == ranks && shape.micro_batches == enough) return std::nullopt;
  return "dualpipev needs at least 1 pipeline rank and 2 micro-batches a rank: " +
         shape_text(shape.pipeline_ranks, shape.micro_batches) + " cannot run, " +
         shape_text(ranks, enough) + " can";
}

std::vector<RankSlots> slots(const ScheduleShape& shape) {
  assert(!problem(shape));
  std::vector<RankSlots> ranks;
  ranks.reserve(static_cast<std::size_t>(shape.pipeline_ranks));
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    const Chunk down{.direction = 0, .micro_batch = 0, .stage = rank};
    const Chunk up{.direction = 0, .micro_batch = 0, .stage = stage_count(shape) - 1 - rank};
    ranks.push_back(
        dualpipe_steps({.half = shape.pipeline_ranks,
                        .distance = rank,
                        .rounds = shape.micro_batches - 2 * shape.pipeline_ranks + rank + 1},
                       {down, up}));
  }
  return ranks;
}

int peak_chunks(const ScheduleShape& shape, int) { return stage_count(shape) + 1; }

Picoseconds bubble(const ScheduleShape& shape, const SlotDurations& time) {
  const std::int64_t each = time.overlapped.count + time.backward.count - 3 * time.weight.count;
  return {(shape.pipeline_ranks - 1) * each};
}

/// As DualPipe's: the last rank and the one before it are the middle of that pipeline.
bool exact(const ScheduleShape& shape, const SlotDurations& time, int rank) {
  return rank >= shape.pipeline_ranks - 2 && time.backward == time.forward + time.weight &&
         time.weight <= time.forward && time.overlapped >= time.backward;
}

}  // namespace

ScheduleKind dualpipev() {
  return {.name = "dualpipev",
          .doc = "Two stages a rank in a V, forwards overlapped with backwards (DualPipeV).",
          .directions = 1,
          .parameter_copies = 1,
          .virtual_stages = 2,
          .rank_of = rank_in_v,
          .problem = problem,
          .slots = slots,
          .peak_chunks = peak_chunks,
          .bubble = BubbleFormula{
              .text = "(PP/2-1)(F&B+B-3W), PP = stages",
              .source = "deepseek-ai/DualPipe at 3da1bbe, README",
              .condition = "on the last two ranks, when B = F + W, W <= F and F&B >= B",
              .bubble = bubble,
              .exact = exact}};
}

}  // namespace windtunnel
