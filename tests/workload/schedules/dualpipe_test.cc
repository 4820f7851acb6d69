// DualPipe, as schedules/dualpipe.cc writes it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::count;
using testing::durations;
using testing::IdealStep;
using testing::run_ideal;
using testing::slot_text;

const ScheduleKind& dualpipe_row() { return *find_schedule("dualpipe"); }

// DeepSeek's eight steps by hand for PP = 4, 8 micro-batches: H = 2, 4 micro-batches a direction.
// Rank 0 (r = 0): 2 F0; F0 F1; b1 W1 F1; one pair F0B1 and one F1B0; B1, F1B0; B1 b0; W b0; W.
// Rank 1 (r = 1, middle): F0 F1 twice; two rounds of F0B1, F1B0, the very first apart; B1 B0 b1 b0;
// W W.
TEST(DualPipe, FollowsThePublishedSteps) {
  const auto ranks =
      dualpipe_row().slots({.pipeline_ranks = 4, .micro_batches = 8, .virtual_stages = 1});
  EXPECT_EQ(
      slot_text(ranks[0]),
      "F0.0 F0.1 F0.2 F1.0 b1.0 W1.0 F1.1 P0.3/1.1 P1.2/0.0 B1.2 P1.3/0.1 B1.3 b0.2 W0.2 b0.3 "
      "W0.3");
  EXPECT_EQ(
      slot_text(ranks[1]),
      "F0.0 F1.0 F0.1 F1.1 F0.2 B1.0 P1.2/0.0 P0.3/1.1 P1.3/0.1 B1.2 B0.2 b1.3 b0.3 W1.3 W0.3");
}

TEST(DualPipe, SecondHalfMirrorsTheFirst) {
  const ScheduleShape shape{.pipeline_ranks = 10, .micro_batches = 26, .virtual_stages = 1};
  const auto ranks = dualpipe_row().slots(shape);
  for (std::size_t rank = 0; rank < 5; ++rank) {
    RankSlots mirrored = ranks[9 - rank];
    for (Slot& slot : mirrored) {
      slot.forward.direction = 1 - slot.forward.direction;
      slot.backward.direction = 1 - slot.backward.direction;
    }
    EXPECT_EQ(slot_text(mirrored), slot_text(ranks[rank])) << rank;
  }
}

TEST(DualPipe, HoldsStageRForOneDirectionAndItsMirrorForTheOther) {
  const ScheduleShape shape{.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1};
  EXPECT_EQ(dualpipe_row().rank_of(shape, {.direction = 0, .micro_batch = 3, .stage = 5}), 5);
  EXPECT_EQ(dualpipe_row().rank_of(shape, {.direction = 1, .micro_batch = 3, .stage = 5}), 10);
  EXPECT_EQ(stage_count(shape), 16);
  EXPECT_EQ(dualpipe_row().parameter_copies, 2);
}

// DeepSeek-V3 at PP16 with 120 micro-batches: 23 - r forwards alone and 97 + r pairs; the middle
// ranks (r = 7) run the first of their pairs apart, 17 and 103.
TEST(DualPipe, HasThePublishedNumbersOfSlots) {
  const auto ranks =
      dualpipe_row().slots({.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1});
  for (int rank = 0; rank < 16; ++rank) {
    const int r = std::min(rank, 15 - rank);
    const int apart = r == 7 ? 1 : 0;
    const RankSlots& slots = ranks[static_cast<std::size_t>(rank)];
    EXPECT_EQ(count(slots, SlotKind::kForward), 23 - r + apart) << rank;
    EXPECT_EQ(count(slots, SlotKind::kOverlapped), 97 + r - apart) << rank;
    // Steps 3 and 7 defer 7 - r weight parts each, step 6 another r + 1.
    EXPECT_EQ(count(slots, SlotKind::kBackwardInput), 15 - r) << rank;
    EXPECT_EQ(count(slots, SlotKind::kWeight), 15 - r) << rank;
    EXPECT_EQ(count(slots, SlotKind::kBackward), 8 + apart) << rank;
  }
}

// (PP/2 - 1)(F&B + B - 3W) with F = W = 1000, B = 2000: 7 x (F&B - 1000).
TEST(DualPipe, IdlesThePublishedTimeOnTheMiddleRanks) {
  const ScheduleShape shape{.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1};
  for (const std::int64_t overlapped : {2000, 2345, 2999, 3000}) {
    const IdealStep step =
        run_ideal(dualpipe_row(), shape, durations(1000, 2000, 1000, overlapped));
    for (const int rank : {6, 7, 8, 9}) EXPECT_EQ(step.idle(rank), 7 * (overlapped - 1000)) << rank;
  }
}

// A rank nearer to the ends overlaps one pair less, works F + B - F&B = 700 longer and idles as
// much less: rank 0 is six ranks from rank 6.
TEST(DualPipe, IdlesLessTowardsTheEnds) {
  const ScheduleShape shape{.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1};
  const IdealStep step = run_ideal(dualpipe_row(), shape, durations(1000, 2000, 1000, 2300));
  for (int rank = 0; rank < 6; ++rank) {
    EXPECT_EQ(step.idle(rank), 7 * 1300 - (6 - rank) * 700) << rank;
    EXPECT_EQ(step.idle(15 - rank), step.idle(rank));
    EXPECT_FALSE(dualpipe_row().bubble->exact(shape, durations(1000, 2000, 1000, 2300), rank));
  }
}

// Each part of the condition is needed: on 8 ranks, a picosecond off any one of them, the middle
// ranks idle otherwise.
TEST(DualPipe, ClosedFormNeedsEveryPartOfItsCondition) {
  const ScheduleShape shape{.pipeline_ranks = 8, .micro_batches = 20, .virtual_stages = 1};
  const auto& bubble = *dualpipe_row().bubble;
  const auto off = [&](const SlotDurations& time) {
    EXPECT_FALSE(bubble.exact(shape, time, 4));
    return run_ideal(dualpipe_row(), shape, time).idle(4) - bubble.bubble(shape, time).count;
  };
  EXPECT_NE(off(durations(1000, 2001, 1000, 3000)), 0);  // B > F + W
  EXPECT_NE(off(durations(1000, 1999, 1000, 2500)), 0);  // B < F + W
  EXPECT_NE(off(durations(1000, 2001, 1001, 3000)), 0);  // W > F
  EXPECT_NE(off(durations(1000, 2000, 1000, 1999)), 0);  // F&B < B
  const SlotDurations good = durations(1500, 2500, 1000, 2500);
  EXPECT_TRUE(bubble.exact(shape, good, 4));
  EXPECT_EQ(run_ideal(dualpipe_row(), shape, good).idle(4), 3 * (2500 + 2500 - 3000));
}

// Every idle and exact claim above with PP = 2: the two ranks are both ends, nothing waits.
TEST(DualPipe, NeverIdlesOnTwoRanks) {
  const ScheduleShape shape{.pipeline_ranks = 2, .micro_batches = 4, .virtual_stages = 1};
  const IdealStep step = run_ideal(dualpipe_row(), shape, durations(1000, 2000, 1000, 2500));
  EXPECT_EQ(step.idle(0), 0);
  EXPECT_EQ(step.idle(1), 0);
}

TEST(DualPipe, HoldsOneChunkMoreThanThereAreRanks) {
  for (const RankSlots& slots :
       dualpipe_row().slots({.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1})) {
    EXPECT_EQ(peak_held_chunks(slots), 17);
  }
}

TEST(DualPipe, SaysWhyAShapeCannotRunAndWhichCan) {
  const auto problem = [](int ranks, int micro_batches) {
    return dualpipe_row()
        .problem({.pipeline_ranks = ranks, .micro_batches = micro_batches, .virtual_stages = 1})
        .value_or("none");
  };
  const std::string needs =
      "dualpipe needs an even number of pipeline ranks and an even number of micro-batches, at "
      "least 2 a rank: ";
  EXPECT_EQ(
      problem(16, 24),
      needs + "16 ranks with 24 micro-batches cannot run, 16 ranks with 32 micro-batches can");
  EXPECT_EQ(
      problem(16, 33),
      needs + "16 ranks with 33 micro-batches cannot run, 16 ranks with 34 micro-batches can");
  EXPECT_EQ(
      problem(15, 40),
      needs + "15 ranks with 40 micro-batches cannot run, 16 ranks with 40 micro-batches can");
  EXPECT_EQ(problem(1, 1),
            needs + "1 rank with 1 micro-batch cannot run, 2 ranks with 4 micro-batches can");
  EXPECT_EQ(problem(2147483647, 0), needs +
                                        "2147483647 ranks with 0 micro-batches cannot run, "
                                        "2147483648 ranks with 4294967296 micro-batches can");
  EXPECT_EQ(problem(16, 32), "none");
  EXPECT_EQ(problem(2, 4), "none");
}

}  // namespace
}  // namespace windtunnel
