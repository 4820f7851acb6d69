// DualPipeV, as schedules/dualpipev.cc writes it.
#include <gtest/gtest.h>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::drawn;
using testing::durations;
using testing::IdealStep;
using testing::marks;
using testing::run_ideal;
using testing::slot_text;

const ScheduleKind& dualpipev_row() { return *find_schedule("dualpipev"); }

ScheduleShape v_shape(int ranks, int micro_batches) {
  return {.pipeline_ranks = ranks, .micro_batches = micro_batches, .virtual_stages = 2};
}

// DeepSeek's eight steps by hand for 2 ranks and 5 micro-batches. Rank 0: 2 F0; F0 F1; b1 W1 F1;
// two rounds of F0B1, F1B0; B1, F1B0; B1 b0; W b0; W. Rank 1, the last: F0 F1 twice; three rounds,
// the first pair apart; B1 B0 b1 b0; W W. A chunk on its way up is marked '.
TEST(DualPipeV, FollowsThePublishedSteps) {
  const auto ranks = dualpipev_row().slots(v_shape(2, 5));
  EXPECT_EQ(marks(ranks[0], 2),
            "F0 F1 F2 F0' b0' W0' F1' P3/1' P2'/0 P4/2' P3'/1 B3' P4'/2 B4' b3 W3 b4 W4");
  EXPECT_EQ(marks(ranks[1], 2),
            "F0 F0' F1 F1' F2 B0' P2'/0 P3/1' P3'/1 P4/2' P4'/2 B3' B3 b4' b4 W4' W4");
}

// F = 1, B = 2, W = 1, F&B = 3 (nothing saved), drawn by hand from the steps: on rank 1 the V
// turns, so that F0' follows F0 at once; P2'/0 on rank 0 waits for both its chunks, which rank 1
// ends at 11; b3' on rank 1 for B3' on rank 0. Both idle (PP/2 - 1)(F&B + B - 3W) = 2.
TEST(DualPipeV, TurnsOnTheLastRank) {
  EXPECT_EQ(drawn(dualpipev_row(), v_shape(2, 4), durations(1, 2, 1, 3)),
            (std::vector<std::string>{
                "F0 F1 F2 F0' b0' W0' F1' P3/1' P3/1' P3/1' . P2'/0 P2'/0 P2'/0 B2' B2' . P3'/1 "
                "P3'/1 P3'/1 B3' B3' b2 W2 b3 W3",
                ". F0 F0' F1 F1' F2 B0' B0' P2'/0 P2'/0 P2'/0 P3/1' P3/1' P3/1' P3'/1 P3'/1 P3'/1 "
                "B2' B2' B2 B2 . b3' b3 W3' W3"}));
}

// A rank sees what the rank at the same place of DualPipe sees on twice the ranks, whose second
// direction meets the stages of a V's way up, with as many micro-batches a direction.
TEST(DualPipeV, IsHalfOfDualPipe) {
  const ScheduleKind& dualpipe = *find_schedule("dualpipe");
  for (int ranks = 1; ranks <= 8; ++ranks) {
    for (int micro_batches = 2 * ranks; micro_batches <= 2 * ranks + 7; ++micro_batches) {
      const ScheduleShape whole{
          .pipeline_ranks = 2 * ranks, .micro_batches = 2 * micro_batches, .virtual_stages = 1};
      const auto half = dualpipev_row().slots(v_shape(ranks, micro_batches));
      auto both = dualpipe.slots(whole);
      const SlotDurations time = durations(1100, 2000, 900, 2700);
      const IdealStep v = run_ideal(dualpipev_row(), v_shape(ranks, micro_batches), time);
      const IdealStep two = run_ideal(dualpipe, whole, time);
      EXPECT_EQ(v.makespan, two.makespan);
      for (int rank = 0; rank < ranks; ++rank) {
        RankSlots& slots = both[static_cast<std::size_t>(rank)];
        for (Slot& slot : slots) slot.forward.direction = slot.backward.direction = 0;
        EXPECT_EQ(marks(half[static_cast<std::size_t>(rank)], ranks), marks(slots, ranks));
        EXPECT_EQ(v.idle(rank), two.idle(rank));
      }
    }
  }
}

// (PP/2 - 1)(F&B + B - 3W) with 16 stages on 8 ranks, F = W = 1000, B = 2000: 7 x (F&B - 1000).
TEST(DualPipeV, IdlesThePublishedTimeOnTheLastRanks) {
  for (const std::int64_t overlapped : {2000, 2345, 2999, 3000}) {
    const IdealStep step =
        run_ideal(dualpipev_row(), v_shape(8, 60), durations(1000, 2000, 1000, overlapped));
    for (const int rank : {6, 7}) EXPECT_EQ(step.idle(rank), 7 * (overlapped - 1000)) << rank;
    for (int rank = 0; rank < 6; ++rank) {
      EXPECT_EQ(step.idle(rank), 7 * (overlapped - 1000) - (6 - rank) * (3000 - overlapped));
    }
  }
}

TEST(DualPipeV, HoldsOneCopyOfTheModelInAV) {
  const ScheduleShape shape = v_shape(4, 8);
  for (int stage = 0; stage < 4; ++stage) {
    EXPECT_EQ(dualpipev_row().rank_of(shape, {.direction = 0, .micro_batch = 5, .stage = stage}),
              stage);
    EXPECT_EQ(
        dualpipev_row().rank_of(shape, {.direction = 0, .micro_batch = 5, .stage = 7 - stage}),
        stage);
  }
  EXPECT_EQ(dualpipev_row().parameter_copies, 1);
}

// Table of the DualPipe README: PP + 1 chunks, PP the number of stages.
TEST(DualPipeV, HoldsOneChunkMoreThanThereAreStages) {
  for (const RankSlots& slots : dualpipev_row().slots(v_shape(8, 60))) {
    EXPECT_EQ(peak_held_chunks(slots), 17);
  }
}

TEST(DualPipeV, SaysWhyAShapeCannotRunAndWhichCan) {
  const auto problem = [](int ranks, int micro_batches) {
    return dualpipev_row().problem(v_shape(ranks, micro_batches)).value_or("none");
  };
  const std::string needs = "dualpipev needs at least 1 pipeline rank and 2 micro-batches a rank: ";
  EXPECT_EQ(problem(8, 12),
            needs + "8 ranks with 12 micro-batches cannot run, 8 ranks with 16 micro-batches can");
  EXPECT_EQ(problem(0, 3),
            needs + "0 ranks with 3 micro-batches cannot run, 1 rank with 3 micro-batches can");
  EXPECT_EQ(problem(2147483647, 1), needs +
                                        "2147483647 ranks with 1 micro-batch cannot run, "
                                        "2147483647 ranks with 4294967294 micro-batches can");
  EXPECT_EQ(problem(8, 16), "none");
  EXPECT_EQ(problem(8, 17), "none");
  EXPECT_EQ(problem(1, 2), "none");
}

}  // namespace
}  // namespace windtunnel
