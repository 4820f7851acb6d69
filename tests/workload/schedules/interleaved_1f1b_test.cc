// Interleaved 1F1B, as schedules/interleaved_1f1b.cc writes it.
#include <gtest/gtest.h>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::drawn;
using testing::durations;
using testing::IdealStep;
using testing::run_ideal;

const ScheduleKind& interleaved_row() { return *find_schedule("interleaved_1f1b"); }

ScheduleShape parts(int ranks, int micro_batches, int stages_a_rank) {
  return {.pipeline_ranks = ranks, .micro_batches = micro_batches, .virtual_stages = stages_a_rank};
}

// 2 ranks, 4 micro-batches, 2 stages a rank, F = 1 and B = 2, drawn by hand. Rank 0 warms up with
// 2 + 2 chunks (micro-batches 0 and 1 through both of its stages), rank 1 with 2; then one forward,
// one backward. Backwards take the later stage first. Each rank idles (PP - 1)(F + B) = 3.
TEST(Interleaved1F1B, TakesAsManyMicroBatchesAsRanksThroughEachStage) {
  EXPECT_EQ(drawn(interleaved_row(), parts(2, 4, 2), durations(1, 2, 1, 3)),
            (std::vector<std::string>{
                "F0 F1 F0' F1' F2 . B0' B0' F3 B1' B1' F2' B0 B0 F3' B1 B1 . B2' B2' . B3' B3' B2 "
                "B2 B3 B3",
                ". F0 F1 F0' B0' B0' F1' B1' B1' F2 B0 B0 F3 B1 B1 F2' B2' B2' F3' B3' B3' B2 B2 "
                "B3 B3 . ."}));
}

// As many micro-batches as ranks: rank 0 has run every forward before its first backward.
TEST(Interleaved1F1B, RunsASingleRound) {
  EXPECT_EQ(drawn(interleaved_row(), parts(3, 3, 2), durations(1, 1, 0, 2)),
            (std::vector<std::string>{"F0 F1 F2 F0' F1' F2' . . B0' . B1' . B2' B0 B1 B2",
                                      ". F0 F1 F2 F0' F1' F2' B0' . B1' . B2' B0 B1 B2 .",
                                      ". . F0 F1 F2 F0' B0' F1' B1' F2' B2' B0 B1 B2 . ."}));
}

// A v-th of 1F1B's bubble: a rank's v stages take F and B together, 15 x (F + B) / v.
TEST(Interleaved1F1B, ShortensTheBubbleByItsStages) {
  constexpr std::int64_t kForward = 1200;
  constexpr std::int64_t kBackward = 2280;
  for (const int stages_a_rank : {2, 3, 4, 6}) {
    for (const int micro_batches : {16, 32, 128}) {
      const IdealStep step =
          run_ideal(interleaved_row(), parts(16, micro_batches, stages_a_rank),
                    durations(kForward / stages_a_rank, kBackward / stages_a_rank, 100, 3000));
      for (int rank = 0; rank < 16; ++rank) {
        EXPECT_EQ(step.idle(rank), 15 * (kForward + kBackward) / stages_a_rank);
      }
    }
  }
}

// On one rank a chunk's next stage is always there: nothing waits.
TEST(Interleaved1F1B, NeverIdlesOnOneRank) {
  EXPECT_EQ(run_ideal(interleaved_row(), parts(1, 5, 4), durations(10, 20, 7, 30)).idle(0), 0);
}

TEST(Interleaved1F1B, HoldsEveryVthStageOfARank) {
  const ScheduleShape shape = parts(4, 8, 3);
  EXPECT_EQ(stage_count(shape), 12);
  for (const int stage : {1, 5, 9}) {
    EXPECT_EQ(interleaved_row().rank_of(shape, {.direction = 0, .micro_batch = 2, .stage = stage}),
              1);
  }
  EXPECT_EQ(interleaved_row().parameter_copies, 1);
}

// Narayanan et al. 2021, on the memory of Megatron's schedule: 1 + (PP - 1)/(PP v) times 1F1B's on
// the first rank. 16 ranks with 4 stages each: 64 + 15 chunks of a quarter of a rank's stage.
TEST(Interleaved1F1B, HoldsMoreThan1F1B) {
  const auto ranks = interleaved_row().slots(parts(16, 128, 4));
  for (int rank = 0; rank < 16; ++rank) {
    EXPECT_EQ(peak_held_chunks(ranks[static_cast<std::size_t>(rank)]),
              3 * 16 + 2 * (15 - rank) + 1);
  }
  EXPECT_EQ(peak_held_chunks(ranks[0]), 64 + 15);
}

TEST(Interleaved1F1B, SaysWhyAShapeCannotRunAndWhichCan) {
  const auto problem = [](int ranks, int micro_batches, int stages_a_rank) {
    return interleaved_row().problem(parts(ranks, micro_batches, stages_a_rank)).value_or("none");
  };
  const std::string needs =
      "interleaved_1f1b needs a multiple of the pipeline ranks as micro-batches: ";
  EXPECT_EQ(problem(4, 10, 2),
            needs +
                "4 ranks with 10 micro-batches cannot run, 4 ranks with 8 micro-batches or 12 "
                "can");
  EXPECT_EQ(problem(4, 3, 2),
            needs + "4 ranks with 3 micro-batches cannot run, 4 ranks with 4 micro-batches can");
  EXPECT_EQ(problem(0, 0, 2),
            needs + "0 ranks with 0 micro-batches cannot run, 1 rank with 1 micro-batch can");
  EXPECT_EQ(problem(2147483647, 2147483646, 2),
            needs +
                "2147483647 ranks with 2147483646 micro-batches cannot run, 2147483647 ranks "
                "with 2147483647 micro-batches can");
  EXPECT_EQ(problem(4, 8, 1),
            "interleaved_1f1b needs at least 2 stages a rank, not 1; with 1 it would be 1f1b");
  EXPECT_EQ(problem(4, 8, 2), "none");
  EXPECT_EQ(problem(4, 4, 7), "none");
}

}  // namespace
}  // namespace windtunnel
