// 1F1B, as schedules/one_f_one_b.cc writes it.
#include <gtest/gtest.h>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::durations;
using testing::run_ideal;
using testing::slot_text;

const ScheduleKind& one_f_one_b_row() { return *find_schedule("1f1b"); }

TEST(OneForwardOneBackward, AlternatesAfterAWarmUpThatIsShorterTowardsTheEnd) {
  const auto ranks =
      one_f_one_b_row().slots({.pipeline_ranks = 3, .micro_batches = 4, .virtual_stages = 1});
  EXPECT_EQ(slot_text(ranks[0]), "F0.0 F0.1 F0.2 B0.0 F0.3 B0.1 B0.2 B0.3");
  EXPECT_EQ(slot_text(ranks[1]), "F0.0 F0.1 B0.0 F0.2 B0.1 F0.3 B0.2 B0.3");
  EXPECT_EQ(slot_text(ranks[2]), "F0.0 B0.0 F0.1 B0.1 F0.2 B0.2 F0.3 B0.3");
}

TEST(OneForwardOneBackward, RunsFewerMicroBatchesThanRanks) {
  const auto ranks =
      one_f_one_b_row().slots({.pipeline_ranks = 4, .micro_batches = 2, .virtual_stages = 1});
  EXPECT_EQ(slot_text(ranks[0]), "F0.0 F0.1 B0.0 B0.1");
  EXPECT_EQ(slot_text(ranks[3]), "F0.0 B0.0 F0.1 B0.1");
}

// (PP - 1)(F + B) = 15 x (1000 + 1999), whatever the number of micro-batches; the first and the
// last rank wait for different reasons but equally long.
TEST(OneForwardOneBackward, IdlesThePublishedTimeOnEveryRank) {
  for (const int micro_batches : {1, 5, 15, 16, 17, 32, 120}) {
    const auto step =
        run_ideal(one_f_one_b_row(),
                  {.pipeline_ranks = 16, .micro_batches = micro_batches, .virtual_stages = 1},
                  durations(1000, 1999, 700, 2999));
    for (int rank = 0; rank < 16; ++rank) EXPECT_EQ(step.idle(rank), 44985) << micro_batches;
  }
}

TEST(OneForwardOneBackward, HoldsAsManyChunksAsThereAreStagesToComeBackFrom) {
  const ScheduleShape shape{.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1};
  const auto ranks = one_f_one_b_row().slots(shape);
  for (int rank = 0; rank < 16; ++rank) {
    EXPECT_EQ(peak_held_chunks(ranks[static_cast<std::size_t>(rank)]), 16 - rank);
  }
}

TEST(OneForwardOneBackward, NeedsARankAndAMicroBatch) {
  EXPECT_EQ(
      one_f_one_b_row().problem({.pipeline_ranks = 0, .micro_batches = 3, .virtual_stages = 1}),
      "1f1b needs at least 1 pipeline rank and 1 micro-batch: 0 ranks with 3 micro-batches "
      "cannot run, 1 rank with 3 micro-batches can");
  EXPECT_EQ(
      one_f_one_b_row().problem({.pipeline_ranks = 4, .micro_batches = -1, .virtual_stages = 1}),
      "1f1b needs at least 1 pipeline rank and 1 micro-batch: 4 ranks with -1 micro-batches "
      "cannot run, 4 ranks with 1 micro-batch can");
  EXPECT_EQ(
      one_f_one_b_row().problem({.pipeline_ranks = 1, .micro_batches = 1, .virtual_stages = 1}),
      std::nullopt);
}

}  // namespace
}  // namespace windtunnel
