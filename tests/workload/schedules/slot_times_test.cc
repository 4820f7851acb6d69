#include "simulator/workload/schedules/slot_times.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::durations;

const std::vector<SlotDurations>& two_stages() {
  static const std::vector<SlotDurations> kStages{durations(10, 25, 9, 30),
                                                  durations(20, 45, 18, 60)};
  return kStages;
}

std::int64_t time_of(SlotKind kind, int forward_stage, int backward_stage) {
  return slot_time({.kind = kind,
                    .forward = {.direction = 0, .micro_batch = 0, .stage = forward_stage},
                    .backward = {.direction = 0, .micro_batch = 0, .stage = backward_stage}},
                   two_stages())
      .count;
}

TEST(SlotTime, SplitsTheBackwardIntoInputAndWeight) {
  EXPECT_EQ(time_of(SlotKind::kForward, 1, 0), 20);
  EXPECT_EQ(time_of(SlotKind::kBackward, 0, 1), 45);
  EXPECT_EQ(time_of(SlotKind::kBackwardInput, 0, 1), 27);
  EXPECT_EQ(time_of(SlotKind::kWeight, 0, 1), 18);
}

// A stage with itself takes its F&B: 10 + 25 - 5 and 20 + 45 - 5. Unlike stages save half of both:
// F of stage 0 with B of stage 1 takes 10 + 45 - (5 + 5) / 2.
TEST(SlotTime, SavesHalfOfWhatEachStageSavesInAPair) {
  EXPECT_EQ(time_of(SlotKind::kOverlapped, 0, 0), 30);
  EXPECT_EQ(time_of(SlotKind::kOverlapped, 1, 1), 60);
  EXPECT_EQ(time_of(SlotKind::kOverlapped, 0, 1), 50);
  EXPECT_EQ(time_of(SlotKind::kOverlapped, 1, 0), 40);
}

// GPipe, 2 ranks, 2 micro-batches. Rank 0: F 0-10, 10-20. Rank 1: F 10-30, 30-50, B 50-95, 95-140.
// Rank 0 again: B 95-120, 140-165.
TEST(LowerSlots, NumbersOpsByRankAndLinksTheChunks) {
  const Timeline timeline = run(
      lower_slots(*find_schedule("gpipe"),
                  {.pipeline_ranks = 2, .micro_batches = 2, .virtual_stages = 1}, two_stages()));
  std::vector<std::int64_t> starts;
  for (const Picoseconds start : timeline.start) starts.push_back(start.count);
  EXPECT_EQ(starts, (std::vector<std::int64_t>{0, 10, 95, 140, 10, 30, 50, 95}));
  EXPECT_EQ(timeline.makespan.count, 165);
}

// The same step with 1F1B: rank 1 runs F 10-30, B 30-75, F 75-95, B 95-140; rank 0 F 0-10, 10-20, B
// 75-100, 140-165.
TEST(LowerSlots, KeepsTheOrderOfTheSchedule) {
  const Timeline timeline = run(
      lower_slots(*find_schedule("1f1b"),
                  {.pipeline_ranks = 2, .micro_batches = 2, .virtual_stages = 1}, two_stages()));
  std::vector<std::int64_t> starts;
  for (const Picoseconds start : timeline.start) starts.push_back(start.count);
  EXPECT_EQ(starts, (std::vector<std::int64_t>{0, 10, 75, 140, 10, 30, 75, 95}));
}

}  // namespace
}  // namespace windtunnel
