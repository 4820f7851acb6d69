// ZB-H1, as schedules/zb_h1.cc writes it.
#include <gtest/gtest.h>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::drawn;
using testing::durations;
using testing::IdealStep;
using testing::run_ideal;

const ScheduleKind& zb_h1_row() { return *find_schedule("zb_h1"); }

ScheduleShape flat(int ranks, int micro_batches) {
  return {.pipeline_ranks = ranks, .micro_batches = micro_batches, .virtual_stages = 1};
}

// 4 ranks, 6 micro-batches, F = 1, B = 2 of which W = 1, drawn by hand as the paper's figure: rank
// r puts a weight gradient off by r micro-batches, every rank begins where 1F1B does, and all end
// at the same time, after 3 x 6 and a bubble of 3 (a third of 1F1B's 9).
TEST(ZbH1, PutsWeightGradientsOffByTheRank) {
  EXPECT_EQ(
      drawn(zb_h1_row(), flat(4, 6), durations(1, 2, 1, 3)),
      (std::vector<std::string>{"F0 F1 F2 F3 . . . B0 B0 F4 B1 B1 F5 B2 B2 B3 B3 B4 B4 B5 B5",
                                ". F0 F1 F2 . . b0 F3 b1 W0 F4 b2 W1 F5 b3 W2 b4 W3 b5 W4 W5",
                                ". . F0 F1 . b0 F2 b1 F3 b2 W0 F4 b3 W1 F5 b4 W2 b5 W3 W4 W5",
                                ". . . F0 b0 F1 b1 F2 b2 F3 b3 W0 F4 b4 W1 F5 b5 W2 W3 W4 W5"}));
}

TEST(ZbH1, RunsFewerMicroBatchesThanRanks) {
  EXPECT_EQ(drawn(zb_h1_row(), flat(3, 1), durations(1, 2, 1, 3)),
            (std::vector<std::string>{"F0 . . . . B0 B0",  //
                                      ". F0 . . b0 W0 .",  //
                                      ". . F0 b0 W0 . ."}));
}

// (PP - 1)(F + B - 2W) = 15 x (1000 + 2100 - 1800), whatever the number of micro-batches from PP
// on.
TEST(ZbH1, IdlesThePublishedTimeOnEveryRank) {
  for (const int micro_batches : {16, 17, 32, 120}) {
    const IdealStep step =
        run_ideal(zb_h1_row(), flat(16, micro_batches), durations(1000, 2100, 900, 3100));
    for (int rank = 0; rank < 16; ++rank) EXPECT_EQ(step.idle(rank), 15 * 1300) << micro_batches;
  }
}

// A picosecond off any part of the condition, the bubble is another.
TEST(ZbH1, ClosedFormNeedsEveryPartOfItsCondition) {
  const auto& bubble = *zb_h1_row().bubble;
  const auto off = [&](int micro_batches, const SlotDurations& time) {
    EXPECT_FALSE(bubble.exact(flat(8, micro_batches), time, 4));
    return run_ideal(zb_h1_row(), flat(8, micro_batches), time).idle(4) -
           bubble.bubble(flat(8, micro_batches), time).count;
  };
  EXPECT_NE(off(7, durations(1000, 2000, 1000, 3000)), 0);   // fewer than PP micro-batches
  EXPECT_NE(off(20, durations(1000, 2002, 1001, 3000)), 0);  // W > F
  EXPECT_NE(off(20, durations(1000, 1999, 1000, 3000)), 0);  // W > B - W
}

// As much as the first rank of 1F1B, on every rank (DeepSeek-V3 report, table 2: PP).
TEST(ZbH1, HoldsAsManyChunksAsThereAreRanks) {
  for (const RankSlots& slots : zb_h1_row().slots(flat(16, 120))) {
    EXPECT_EQ(peak_held_chunks(slots), 16);
  }
}

TEST(ZbH1, NeedsARankAndAMicroBatch) {
  EXPECT_EQ(zb_h1_row().problem(flat(2, 0)),
            "zb_h1 needs at least 1 pipeline rank and 1 micro-batch: 2 ranks with 0 micro-batches "
            "cannot run, 2 ranks with 1 micro-batch can");
}

}  // namespace
}  // namespace windtunnel
