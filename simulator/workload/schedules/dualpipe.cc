// DualPipe (DeepSeek-V3 report, section 3.2.1): micro-batches enter at both ends of the pipeline at
// once, so that a rank always has a forward and a backward to overlap. Rank r holds stage r for
// direction 0 and stage PP - 1 - r for direction 1. The order of slots is the one DeepSeek
// published (deepseek-ai/DualPipe at 3da1bbe).
//
// With H = PP/2, n micro-batches in all and r the distance from the nearer end, a rank runs 3H - r
// - 1 forwards alone, n - 3H + r + 1 overlapped pairs and as many backwards alone as forwards; the
// middle ranks run the first of their pairs apart.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {
namespace {

/// The two directions as a rank sees them: `kNear` enters at the end of the pipeline that the rank
/// is nearer to. The second half of the ranks is the mirror image of the first.
enum Side { kNear, kFar };

/// Appends slots to one rank's list; counts the chunks and queues the weight gradients.
class RankWriter {
 public:
  RankWriter(const ScheduleShape& shape, int rank)
      : ranks_(shape.pipeline_ranks), rank_(rank), mirrored_(rank >= shape.pipeline_ranks / 2) {}

  void forward(Side side) {
    const Chunk chunk = next(side, forwards_);
    slots_.push_back({.kind = SlotKind::kForward, .forward = chunk, .backward = chunk});
  }

  void backward(Side side) {
    const Chunk chunk = next(side, backwards_);
    slots_.push_back({.kind = SlotKind::kBackward, .forward = chunk, .backward = chunk});
  }

  void backward_input(Side side) {
    const Chunk chunk = next(side, backwards_);
    slots_.push_back({.kind = SlotKind::kBackwardInput, .forward = chunk, .backward = chunk});
    weights_.push_back(chunk);
  }

  void weight() {
    assert(!weights_.empty());
    const Chunk chunk = weights_.front();
    weights_.pop_front();
    slots_.push_back({.kind = SlotKind::kWeight, .forward = chunk, .backward = chunk});
  }

  void overlapped(Side ahead, Side back) {
    const Chunk forward_chunk = next(ahead, forwards_);
    slots_.push_back({.kind = SlotKind::kOverlapped,
                      .forward = forward_chunk,
                      .backward = next(back, backwards_)});
  }

  RankSlots take() {
    assert(weights_.empty());
    return std::move(slots_);
  }

 private:
  Chunk next(Side side, std::array<int, 2>& counts) {
    const int direction = mirrored_ ? 1 - side : side;
    return {.direction = direction,
            .micro_batch = counts[static_cast<std::size_t>(side)]++,
            .stage = direction == 0 ? rank_ : ranks_ - 1 - rank_};
  }

  int ranks_;
  int rank_;
  bool mirrored_;
  std::array<int, 2> forwards_{};
  std::array<int, 2> backwards_{};
  std::deque<Chunk> weights_;
  RankSlots slots_;
};

/// Distance of a rank from the nearer end of the pipeline.
int half_rank(const ScheduleShape& shape, int rank) {
  return std::min(rank, shape.pipeline_ranks - 1 - rank);
}

/// Steps 1 to 3: fill the pipeline from both ends; the first far chunks come back.
void fill(RankWriter& writer, int half, int r) {
  for (int i = 0; i < 2 * (half - r - 1); ++i) writer.forward(kNear);
  for (int i = 0; i < r + 1; ++i) {
    writer.forward(kNear);
    writer.forward(kFar);
  }
  for (int i = 0; i < half - r - 1; ++i) {
    writer.backward_input(kFar);
    writer.weight();
    writer.forward(kFar);
  }
}

/// Step 4, the main one. On the middle ranks the first pair runs apart, which shortens the bubble.
void overlap(RankWriter& writer, int pairs, bool middle) {
  for (int i = 0; i < pairs; ++i) {
    if (i == 0 && middle) {
      writer.forward(kNear);
      writer.backward(kFar);
    } else {
      writer.overlapped(kNear, kFar);
    }
    writer.overlapped(kFar, kNear);
  }
}

/// Steps 5 to 8: no forwards enter any more; weight gradients move into the bubbles that leaves.
void drain(RankWriter& writer, int half, int r) {
  for (int i = 0; i < half - r - 1; ++i) {
    writer.backward(kFar);
    writer.overlapped(kFar, kNear);
  }
  // Of the 2 (r + 1) backwards of step 6, the later half leave their weight gradients for later.
  for (int i = 0; i < 2 * (r + 1); ++i) {
    const Side side = i % 2 == 0 ? kFar : kNear;
    if (i < r + 1) {
      writer.backward(side);
    } else {
      writer.backward_input(side);
    }
  }
  for (int i = 0; i < half - r - 1; ++i) {
    writer.weight();
    writer.backward_input(kNear);
  }
  for (int i = 0; i < r + 1; ++i) writer.weight();
}

int stages(const ScheduleShape& shape) { return shape.pipeline_ranks; }

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
    RankWriter writer(shape, rank);
    fill(writer, half, r);
    overlap(writer, shape.micro_batches / 2 - shape.pipeline_ranks + r + 1, r == half - 1);
    drain(writer, half, r);
    ranks.push_back(writer.take());
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
          .stages = stages,
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
