// ZB-V (Qi et al., Zero Bubble Pipeline Parallelism, arXiv 2401.10241): rank r of R holds the
// stages r and 2R - 1 - r, so that a micro-batch goes down the ranks and comes back up. Where
// forward, input gradient and weight gradient take as long, no rank idles between its first slot
// and its last, and none holds more activations than 1F1B's first rank. What is left, (R - 1) F, is
// the way of the first micro-batch to the last rank, and at the end the wait of the first ranks for
// it.
//
// The order of slots is that of PyTorch's ScheduleZBVZeroBubble. It is made for at least 2R - 1
// micro-batches; fewer run the same order without the others.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {
namespace {

/// A rank's two stages: the one a micro-batch meets on its way down the ranks, and up again.
enum Leg { kDown, kUp };

/// Appends slots to a rank's list, counts a leg's forwards, backwards and weight gradients, and
/// leaves out the micro-batches that the step does not have.
class LegWriter {
 public:
  LegWriter(const ScheduleShape& shape, int rank)
      : micro_batches_(shape.micro_batches), stages_{rank, stage_count(shape) - 1 - rank} {}

  void forward(Leg leg) { add(SlotKind::kForward, leg, forwards_); }
  void backward(Leg leg) { add(SlotKind::kBackwardInput, leg, backwards_); }
  void weight(Leg leg) { add(SlotKind::kWeight, leg, weights_); }

  void backward_and_weight(Leg leg) {
    backward(leg);
    weight(leg);
  }

  int forwards(Leg leg) const { return forwards_[static_cast<std::size_t>(leg)]; }

  /// Weight gradients whose backward has run.
  int weights_left(Leg leg) const {
    const auto index = static_cast<std::size_t>(leg);
    return backwards_[index] - weights_[index];
  }

  RankSlots take() { return std::move(slots_); }

 private:
  void add(SlotKind kind, Leg leg, std::array<int, 2>& counts) {
    const auto index = static_cast<std::size_t>(leg);
    const Chunk chunk{.direction = 0, .micro_batch = counts[index]++, .stage = stages_[index]};
    if (chunk.micro_batch >= micro_batches_) return;
    slots_.push_back({.kind = kind, .forward = chunk, .backward = chunk});
  }

  int micro_batches_;
  std::array<int, 2> stages_;
  std::array<int, 2> forwards_{};
  std::array<int, 2> backwards_{};
  std::array<int, 2> weights_{};
  RankSlots slots_;
};

/// Until the rank holds 2R chunks: down only, then both legs, then one comes back for each that
/// goes up.
void warm_up(LegWriter& writer, int ranks, int rank) {
  for (int i = 0; i < 2 * (ranks - rank) - 1; ++i) writer.forward(kDown);
  for (int i = 0; i < rank; ++i) {
    writer.forward(kUp);
    writer.forward(kDown);
  }
  for (int i = 0; i < ranks - rank; ++i) {
    writer.forward(kUp);
    writer.backward_and_weight(kUp);
  }
}

/// One forward, one backward and its weight gradients in turn, on one leg and the other.
void alternate(LegWriter& writer, int micro_batches) {
  while (writer.forwards(kUp) < micro_batches) {
    if (writer.forwards(kDown) < micro_batches) writer.forward(kDown);
    writer.backward_and_weight(kDown);
    writer.forward(kUp);
    writer.backward_and_weight(kUp);
  }
}

/// No forwards are left: weight gradients make room for the gradients that ranks before wait for.
void drain(LegWriter& writer, int ranks, int rank) {
  for (int i = 0; i < rank; ++i) {
    writer.backward(kDown);
    writer.backward(kUp);
  }
  for (int i = 0; i < ranks - rank; ++i) {
    writer.backward(kDown);
    writer.weight(kDown);
  }
  while (writer.weights_left(kUp) > 0) writer.weight(kUp);
  while (writer.weights_left(kDown) > 0) writer.weight(kDown);
}

std::optional<std::string> problem(const ScheduleShape& shape) {
  return problem_of_empty("zb_v", shape);
}

std::vector<RankSlots> slots(const ScheduleShape& shape) {
  assert(!problem(shape));
  const int ranks = shape.pipeline_ranks;
  std::vector<RankSlots> lists;
  lists.reserve(static_cast<std::size_t>(ranks));
  for (int rank = 0; rank < ranks; ++rank) {
    LegWriter writer(shape, rank);
    warm_up(writer, ranks, rank);
    alternate(writer, std::max(shape.micro_batches, 2 * ranks - 1));
    drain(writer, ranks, rank);
    lists.push_back(writer.take());
  }
  return lists;
}

/// Of a short step all micro-batches are on their way down, and those that rank + 1 ranks below
/// have turned are on their way up as well.
int peak_chunks(const ScheduleShape& shape, int rank) {
  const int micro_batches = shape.micro_batches;
  return std::min({2 * shape.pipeline_ranks, 2 * micro_batches, micro_batches + rank + 1});
}

Picoseconds bubble(const ScheduleShape& shape, const SlotDurations& time) {
  return {(shape.pipeline_ranks - 1) * time.forward.count};
}

/// Found by running it against the ideal pipeline; enough, not necessary. The published case, three
/// equal parts, is one of them.
bool exact(const ScheduleShape& shape, const SlotDurations& time, int) {
  return shape.micro_batches >= 2 * shape.pipeline_ranks - 1 &&
         time.backward - time.weight == time.forward && time.weight <= time.forward &&
         2 * time.weight.count >= time.forward.count;
}

}  // namespace

ScheduleKind zb_v() {
  return {
      .name = "zb_v",
      .doc = "Two stages a rank in a V, weight gradients put off into bubbles (ZB-V).",
      .directions = 1,
      .parameter_copies = 1,
      .virtual_stages = 2,
      .rank_of = rank_in_v,
      .problem = problem,
      .slots = slots,
      .peak_chunks = peak_chunks,
      .bubble = BubbleFormula{
          .text = "(PP-1)F",
          .source = "Qi et al., arXiv 2401.10241: none, but for what a rank waits at either end",
          .condition = "on every rank, from 2PP - 1 micro-batches on, when B - W = F and F/2 <= "
                       "W <= F",
          .bubble = bubble,
          .exact = exact}};
}

}  // namespace windtunnel
