// ZB-V, as schedules/zb_v.cc writes it.
#include <gtest/gtest.h>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::drawn;
using testing::durations;
using testing::IdealStep;
using testing::run_ideal;

const ScheduleKind& zb_v_row() { return *find_schedule("zb_v"); }

ScheduleShape two_legs(int ranks, int micro_batches) {
  return {.pipeline_ranks = ranks, .micro_batches = micro_batches, .virtual_stages = 2};
}

// 2 ranks, 4 micro-batches, F = B - W = W = 1, drawn by hand: rank 0 runs 3 forwards down, then
// each that comes up goes back at once; rank 1 is behind by the one F it waited for at the
// beginning, and neither has a gap.
TEST(ZbV, FillsEveryGapOfEqualParts) {
  EXPECT_EQ(drawn(zb_v_row(), two_legs(2, 4), durations(1, 2, 1, 3)),
            (std::vector<std::string>{
                "F0 F1 F2 F0' b0' W0' F1' b1' W1' F3 b0 W0 F2' b2' W2' b1 W1 F3' b3' W3' b2 W2 b3 "
                "W3 .",
                ". F0 F0' F1 F1' b0' W0' F2 b0 W0 F2' b1' W1' F3 b1 W1 F3' b2' W2' b2 b3' b3 W2 "
                "W3' W3"}));
}

// Fewer micro-batches than 2 PP - 1 keep the order of those that there are.
TEST(ZbV, RunsShortStepsWithGaps) {
  EXPECT_EQ(drawn(zb_v_row(), two_legs(3, 2), durations(1, 2, 1, 3)),
            (std::vector<std::string>{"F0 F1 . . . F0' b0' W0' F1' b1' W1' . . b0 W0 . b1 W1",
                                      ". F0 F1 . F0' . F1' b0' W0' . b1' W1' b0 W0 . b1 W1 .",
                                      ". . F0 F0' F1 F1' . . b0' W0' b0 W0 b1' W1' b1 W1 . ."}));
}

// Zero bubble (Qi et al., for F = B = W in their words: B is the input gradient): from its first
// slot to its last a rank never waits. Rank r begins r F after rank 0; a step that ends for all
// ranks together costs each of them that skew, (PP - 1) F, and nothing more.
TEST(ZbV, NeverWaitsBetweenItsFirstSlotAndItsLast) {
  for (int ranks = 1; ranks <= 9; ++ranks) {
    for (const int micro_batches : {2 * ranks - 1, 2 * ranks, 3 * ranks + 1, 40}) {
      const ScheduleShape shape = two_legs(ranks, micro_batches);
      const std::vector<SlotDurations> stages(static_cast<std::size_t>(2 * ranks),
                                              durations(500, 1000, 500, 1500));
      const Timeline timeline = run(lower_slots(zb_v_row(), shape, stages));
      std::size_t op = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const std::size_t slots = zb_v_row().slots(shape)[static_cast<std::size_t>(rank)].size();
        const std::size_t last = op + slots - 1;
        EXPECT_EQ(timeline.start[op].count, 500 * rank);
        EXPECT_EQ((timeline.end[last] - timeline.start[op]).count, 6 * 500 * micro_batches);
        op += slots;
      }
      EXPECT_EQ(timeline.makespan.count, 500 * (6 * micro_batches + ranks - 1));
    }
  }
}

// Weight gradients down to half a forward still fill the gaps; shorter ones do not.
TEST(ZbV, NeedsWeightGradientsToFillGapsWith) {
  const auto idle = [](std::int64_t weight) {
    return run_ideal(zb_v_row(), two_legs(8, 40), durations(1000, 1000 + weight, weight, 3000))
        .idle(3);
  };
  EXPECT_EQ(idle(1000), 7 * 1000);
  EXPECT_EQ(idle(500), 7 * 1000);
  EXPECT_EQ(idle(499), 7 * 1002);
  EXPECT_EQ(idle(100), 7 * 1800);
}

TEST(ZbV, ClosedFormNeedsEveryPartOfItsCondition) {
  const auto& bubble = *zb_v_row().bubble;
  const auto off = [&](int micro_batches, const SlotDurations& time) {
    EXPECT_FALSE(bubble.exact(two_legs(8, micro_batches), time, 4));
    return run_ideal(zb_v_row(), two_legs(8, micro_batches), time).idle(4) -
           bubble.bubble(two_legs(8, micro_batches), time).count;
  };
  EXPECT_NE(off(11, durations(1000, 2000, 1000, 3000)), 0);  // too few micro-batches
  EXPECT_NE(off(40, durations(1000, 2001, 1000, 3000)), 0);  // B - W > F
  EXPECT_NE(off(40, durations(1000, 1999, 1000, 3000)), 0);  // B - W < F
  EXPECT_NE(off(40, durations(1000, 1499, 499, 2000)), 0);   // W < F / 2
  EXPECT_NE(off(40, durations(1000, 2001, 1001, 3000)), 0);  // W > F
}

// 2 PP chunks of half a rank's layers: as much as the first rank of 1F1B, on every rank.
TEST(ZbV, HoldsAsMuchAs1F1B) {
  for (const RankSlots& slots : zb_v_row().slots(two_legs(8, 40))) {
    EXPECT_EQ(peak_held_chunks(slots), 16);
  }
}

TEST(ZbV, HoldsOneCopyOfTheModelInAV) {
  const ScheduleShape shape = two_legs(4, 8);
  EXPECT_EQ(zb_v_row().rank_of(shape, {.direction = 0, .micro_batch = 0, .stage = 3}), 3);
  EXPECT_EQ(zb_v_row().rank_of(shape, {.direction = 0, .micro_batch = 0, .stage = 4}), 3);
  EXPECT_EQ(zb_v_row().rank_of(shape, {.direction = 0, .micro_batch = 0, .stage = 7}), 0);
  EXPECT_EQ(zb_v_row().parameter_copies, 1);
}

TEST(ZbV, NeedsARankAndAMicroBatch) {
  EXPECT_EQ(zb_v_row().problem(two_legs(2, 0)),
            "zb_v needs at least 1 pipeline rank and 1 micro-batch: 2 ranks with 0 micro-batches "
            "cannot run, 2 ranks with 1 micro-batch can");
}

}  // namespace
}  // namespace windtunnel
