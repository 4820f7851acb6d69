#include "simulator/workload/schedules/overlapped_pair.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

constexpr ScheduleShape kShape{.pipeline_ranks = 1, .micro_batches = 2, .virtual_stages = 1};

TEST(OverlappedPair, RunsOneForwardBesideAnotherBackward) {
  const auto slots = overlapped_pair().slots(kShape);
  ASSERT_EQ(slots.size(), 1U);
  ASSERT_EQ(slots[0].size(), 1U);
  EXPECT_EQ(slots[0][0].kind, SlotKind::kOverlapped);
  EXPECT_EQ(slots[0][0].forward, (Chunk{.direction = 0, .micro_batch = 0, .stage = 0}));
  EXPECT_EQ(slots[0][0].backward, (Chunk{.direction = 0, .micro_batch = 1, .stage = 0}));
  EXPECT_EQ(overlapped_pair().peak_chunks(kShape, 0), 2);
  EXPECT_EQ(overlapped_pair().virtual_stages, 1);
  EXPECT_EQ(overlapped_pair().parameter_copies, 1);
}

TEST(OverlappedPair, SaysWhatItRunsOn) {
  EXPECT_FALSE(overlapped_pair().problem(kShape).has_value());
  EXPECT_EQ(
      overlapped_pair().problem({.pipeline_ranks = 2, .micro_batches = 2, .virtual_stages = 1}),
      "1 pipeline rank and 2 micro-batches, not 2 ranks with 2 micro-batches");
  EXPECT_TRUE(overlapped_pair()
                  .problem({.pipeline_ranks = 1, .micro_batches = 4, .virtual_stages = 1})
                  .has_value());
}

// It is a part of a step: a scenario cannot name it as the schedule of a run.
TEST(OverlappedPair, IsNoSchedule) {
  EXPECT_EQ(find_schedule(overlapped_pair().name), nullptr);
  for (const ScheduleKind& kind : schedules()) EXPECT_NE(kind.name, overlapped_pair().name);
}

}  // namespace
}  // namespace windtunnel
