// The eight steps of deepseek-ai/DualPipe at 3da1bbe (dualpipe.py and dualpipev.py).
#include "simulator/workload/schedules/dualpipe_steps.h"

#include <cassert>
#include <cstddef>
#include <deque>
#include <utility>

namespace windtunnel {
namespace {

/// The two streams as a rank sees them: it is nearer to the entrance of `kNear`.
enum Side { kNear, kFar };

/// Appends slots to a rank's list; counts the chunks and queues the weight gradients.
class RankWriter {
 public:
  explicit RankWriter(const std::array<Chunk, 2>& first) : forwards_(first), backwards_(first) {}

  void forward(Side side) {
    const Chunk chunk = next(forwards_, side);
    slots_.push_back({.kind = SlotKind::kForward, .forward = chunk, .backward = chunk});
  }

  void backward(Side side) {
    const Chunk chunk = next(backwards_, side);
    slots_.push_back({.kind = SlotKind::kBackward, .forward = chunk, .backward = chunk});
  }

  void backward_input(Side side) {
    const Chunk chunk = next(backwards_, side);
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
    const Chunk forward_chunk = next(forwards_, ahead);
    slots_.push_back({.kind = SlotKind::kOverlapped,
                      .forward = forward_chunk,
                      .backward = next(backwards_, back)});
  }

  RankSlots take() {
    assert(weights_.empty());
    return std::move(slots_);
  }

 private:
  static Chunk next(std::array<Chunk, 2>& streams, Side side) {
    Chunk& chunk = streams[static_cast<std::size_t>(side)];
    const Chunk now = chunk;
    ++chunk.micro_batch;
    return now;
  }

  std::array<Chunk, 2> forwards_;
  std::array<Chunk, 2> backwards_;
  std::deque<Chunk> weights_;
  RankSlots slots_;
};

/// Steps 1 to 3: fill the pipeline from both streams; the first far chunks come back.
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
void overlap(RankWriter& writer, int rounds, bool middle) {
  for (int i = 0; i < rounds; ++i) {
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

}  // namespace

RankSlots dualpipe_steps(const DualPipeRank& rank, const std::array<Chunk, 2>& first) {
  RankWriter writer(first);
  fill(writer, rank.half, rank.distance);
  overlap(writer, rank.rounds, rank.distance == rank.half - 1);
  drain(writer, rank.half, rank.distance);
  return writer.take();
}

}  // namespace windtunnel
