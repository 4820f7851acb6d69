#include "simulator/workload/schedules/slot_profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace windtunnel {
namespace {

int slots_in(const RankProfile& rank) {
  int sum = rank.last.count;
  for (const auto* part : {&rank.before, &rank.behind}) {
    for (const SlotCount& slot : *part) sum += slot.count;
  }
  return sum;
}

/// Every schedule in shapes that it runs.
template <typename Visit>
void each_profile(Visit visit) {
  for (const ScheduleKind& kind : schedules()) {
    for (const int ranks : {1, 2, 4, 6}) {
      for (const int micro_batches : {4, 12, 24}) {
        const ScheduleShape shape = shape_of(kind, ranks, micro_batches, 3);
        if (!kind.problem(shape)) visit(kind, shape, slot_profile(kind, shape));
      }
    }
  }
}

TEST(SlotProfile, NoSlotIsLost) {
  each_profile([](const ScheduleKind& kind, const ScheduleShape& shape, const auto& profile) {
    const auto slots = kind.slots(shape);
    ASSERT_EQ(profile.size(), slots.size()) << kind.name;
    for (std::size_t rank = 0; rank < slots.size(); ++rank) {
      EXPECT_EQ(slots_in(profile[rank]), static_cast<int>(slots[rank].size())) << kind.name;
      for (const SlotCount& slot : profile[rank].behind) {
        EXPECT_EQ(slot.kind, SlotKind::kWeight) << kind.name;
      }
    }
  });
}

/// Equal chunks: the fullest moment is that of the schedule's own walk.
TEST(SlotProfile, TheFullestMomentIsAmongThoseHeld) {
  each_profile([](const ScheduleKind& kind, const ScheduleShape& shape, const auto& profile) {
    const auto slots = kind.slots(shape);
    for (std::size_t rank = 0; rank < slots.size(); ++rank) {
      int most = 0;
      for (const auto& held : profile[rank].held) {
        most = std::max(most, std::accumulate(held.begin(), held.end(), 0));
      }
      EXPECT_EQ(most, peak_held_chunks(slots[rank])) << kind.name << " rank " << rank;
    }
  });
}

TEST(SlotProfile, APipelineFillsFromItsFirstStageAndDrainsToIt) {
  const ScheduleKind& kind = *find_schedule("1f1b");
  const auto profile = slot_profile(kind, shape_of(kind, 4, 8, 1));
  for (std::size_t rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(profile[rank].fill.size(), rank);
    EXPECT_EQ(profile[rank].drain.size(), rank);
  }
}

}  // namespace
}  // namespace windtunnel
