// GPipe, as schedules/gpipe.cc writes it.
#include <gtest/gtest.h>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::durations;
using testing::run_ideal;
using testing::slot_text;

const ScheduleKind& gpipe_row() { return *find_schedule("gpipe"); }

TEST(GPipe, RunsEveryForwardThenEveryBackwardOnEveryRank) {
  for (const RankSlots& slots :
       gpipe_row().slots({.pipeline_ranks = 3, .micro_batches = 4, .virtual_stages = 1})) {
    EXPECT_EQ(slot_text(slots), "F0.0 F0.1 F0.2 F0.3 B0.0 B0.1 B0.2 B0.3");
  }
}

// (PP - 1)(F + B) = 7 x (1000 + 1999).
TEST(GPipe, IdlesAsLongAs1F1BAndHoldsEveryMicroBatch) {
  const ScheduleShape shape{.pipeline_ranks = 8, .micro_batches = 12, .virtual_stages = 1};
  const auto step = run_ideal(gpipe_row(), shape, durations(1000, 1999, 700, 2999));
  for (int rank = 0; rank < 8; ++rank) EXPECT_EQ(step.idle(rank), 20993);
  EXPECT_EQ(peak_held_chunks(gpipe_row().slots(shape)[5]), 12);
}

TEST(GPipe, NeedsARankAndAMicroBatch) {
  EXPECT_EQ(gpipe_row().problem({.pipeline_ranks = 2, .micro_batches = 0, .virtual_stages = 1}),
            "gpipe needs at least 1 pipeline rank and 1 micro-batch: 2 ranks with 0 micro-batches "
            "cannot run, 2 ranks with 1 micro-batch can");
}

}  // namespace
}  // namespace windtunnel
