#include "simulator/workload/schedules/dualpipe_steps.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::count;
using testing::slot_text;

constexpr Chunk kNearest{.direction = 0, .micro_batch = 0, .stage = 0};
constexpr Chunk kFarthest{.direction = 1, .micro_batch = 0, .stage = 5};

// H = 3, r = 1, one round of the main step: 2 F0; F0 F1 twice; b1 W1 F1; F0B1 F1B0; B1 F1B0; B1 B0
// b1 b0; W b0; W W.
TEST(DualPipeSteps, FollowThePublishedEight) {
  EXPECT_EQ(
      slot_text(dualpipe_steps({.half = 3, .distance = 1, .rounds = 1}, {kNearest, kFarthest})),
      "F0.0 F0.1 F0.2 F1.0 F0.3 F1.1 b1.0 W1.0 F1.2 P0.4/1.1 P1.3/0.0 B1.2 P1.4/0.1 B1.3 B0.2 "
      "b1.4 b0.3 W1.4 b0.4 W0.3 W0.4");
}

TEST(DualPipeSteps, RunTheFirstPairOfTheMiddleApart) {
  const auto slots = dualpipe_steps({.half = 1, .distance = 0, .rounds = 2}, {kNearest, kFarthest});
  EXPECT_EQ(slot_text(slots), "F0.0 F1.0 F0.1 B1.0 P1.1/0.0 P0.2/1.1 P1.2/0.1 B1.2 b0.2 W0.2");
}

// Chunks are those that were passed in, but for their micro-batches, as many of one stream as of
// the other: 2 (H - r - 1) + (r + 1) and one a round.
TEST(DualPipeSteps, TakeBothStreamsToTheirEnd) {
  for (int half = 1; half <= 6; ++half) {
    for (int distance = 0; distance < half; ++distance) {
      const int each = 2 * half - distance - 1 + 4;
      int forwards = 0;
      int backwards = 0;
      int weights = 0;
      for (const Slot& slot : dualpipe_steps({.half = half, .distance = distance, .rounds = 4},
                                             {kNearest, kFarthest})) {
        forwards += has_forward(slot.kind) ? 1 : 0;
        backwards += has_backward_input(slot.kind) ? 1 : 0;
        weights += has_weight(slot.kind) ? 1 : 0;
        const Chunk& chunk = has_forward(slot.kind) ? slot.forward : slot.backward;
        EXPECT_EQ(chunk.stage, chunk.direction == 0 ? 0 : 5);
        EXPECT_LT(chunk.micro_batch, each);
      }
      EXPECT_EQ(forwards, 2 * each);
      EXPECT_EQ(backwards, 2 * each);
      EXPECT_EQ(weights, 2 * each);
    }
  }
}

TEST(DualPipeSteps, DeferAsManyWeightGradientsAsTheRankIsFromTheMiddleAndTheEnd) {
  for (int distance = 0; distance < 5; ++distance) {
    const auto slots =
        dualpipe_steps({.half = 5, .distance = distance, .rounds = 3}, {kNearest, kFarthest});
    // Steps 3 and 7 run one each for every rank inwards, step 8 the rest.
    EXPECT_EQ(count(slots, SlotKind::kWeight), 2 * (4 - distance) + distance + 1);
    EXPECT_EQ(count(slots, SlotKind::kBackwardInput), count(slots, SlotKind::kWeight));
  }
}

}  // namespace
}  // namespace windtunnel
