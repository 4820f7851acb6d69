// DualPipe (DeepSeek-V3 report, section 3.2.1): micro-batches enter at both ends of the pipeline at
// once, so that a rank always has a forward and a backward to overlap. Rank r holds stage r for
// direction 0 and stage PP - 1 - r for direction 1; the second half of the ranks is the mirror
// image of the first. The order of slots is the one DeepSeek published (dualpipe_steps.cc).
//
// With H = PP/2, n micro-batches in all and r the distance from the nearer end, a rank runs 3H - r
// - 1 forwards alone, n - 3H + r + 1 overlapped pairs and as many backwards alone as forwards; the
// middle ranks run the first of their pairs apart.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "simulator/workload/schedules/dualpipe_steps.h"

namespace windtunnel {
namespace {

/// Distance of a rank from the nearer end of the pipeline.
int half_rank(const ScheduleShape& shape, int rank) {
  return std::min(rank, shape.pipeline_ranks - 1 - rank);
}

int rank_of(const ScheduleShape& shape, const Chunk& chunk) {
  return chunk.direction == 0 ? chunk.stage : shape.pipeline_ranks - 1 - chunk.stage;
}

std::optional<std::string> problem(const ScheduleShape& shape) {
  const std::int64_t ranks = shape.pipeline_ranks;
  const std::int64_t micro_batches = shape.micro_batches;
  const std::int64_t even_ranks = std::max<std::int64_t>(ranks + ranks % 2, 2);
  const std::int64_t enough = std::max(micro_batches + micro_batches % 2, 2 * even_ranks);
  if (ranks == even_ranks && micro_batches == enough) return std::nullopt;
  return "dualpipe needs an even number of pipeline ranks and an even number of micro-batches, at "
         "least 2 a rank: " +
         shape_text(ranks, micro_batches) + " cannot run, " + shape_text(even_ranks, enough) +
         " can";
}

std::vector<RankSlots> slots(const ScheduleShape& shape) {
  assert(!problem(shape));
  const int half = shape.pipeline_ranks / 2;
  std::vector<RankSlots> ranks;
  ranks.reserve(static_cast<std::size_t>(shape.pipeline_ranks));
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    const int r = half_rank(shape, rank);
    std::array<Chunk, 2> first{
        Chunk{.direction = 0, .micro_batch = 0, .stage = rank},
        Chunk{.direction = 1, .micro_batch = 0, .stage = shape.pipeline_ranks - 1 - rank}};
    if (rank >= half) std::swap(first[0], first[1]);
    ranks.push_back(
        dualpipe_steps({.half = half,
                        .distance = r,
                        .rounds = shape.micro_batches / 2 - shape.pipeline_ranks + r + 1},
                       first));
  }
  return ranks;
}

int peak_chunks(const ScheduleShape& shape, int) { return shape.pipeline_ranks + 1; }

Picoseconds bubble(const ScheduleShape& shape, const SlotDurations& time) {
  const std::int64_t each = time.overlapped.count + time.backward.count - 3 * time.weight.count;
  return {(shape.pipeline_ranks / 2 - 1) * each};
}

/// Where the formula holds to the picosecond, found by running it against the ideal pipeline (the
/// tests do): an input backward takes as long as a forward, a weight part no longer, and an
/// overlapped pair no less than the backward in it. Enough, not necessary: elsewhere a few
/// durations hit it too. Further out each rank overlaps one pair less than its inner neighbour, so
/// that it works F + B - F&B longer and idles as much less.
bool exact(const ScheduleShape& shape, const SlotDurations& time, int rank) {
  return half_rank(shape, rank) >= shape.pipeline_ranks / 2 - 2 &&
         time.backward == time.forward + time.weight && time.weight <= time.forward &&
         time.overlapped >= time.backward;
}

}  // namespace

ScheduleKind dualpipe() {
  return {.name = "dualpipe",
          .doc = "Micro-batches from both ends, forwards overlapped with backwards (DualPipe).",
          .directions = 2,
          .parameter_copies = 2,
          .virtual_stages = 1,
          .rank_of = rank_of,
          .problem = problem,
          .slots = slots,
          .peak_chunks = peak_chunks,
          .bubble = BubbleFormula{
              .text = "(PP/2-1)(F&B+B-3W)",
              .source = "DeepSeek-V3 report, table 2",
              .condition = "on the four middle ranks, when B = F + W, W <= F and F&B >= B",
              .bubble = bubble,
              .exact = exact}};
}

}  // namespace windtunnel
