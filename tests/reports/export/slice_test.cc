#include "reports/export/slice.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(SliceNames, RanksAndLanesHaveThem) {
  EXPECT_EQ(rank_name({.gpu = 17, .rank = 17, .pipeline = 1}), "rank 17, pipeline rank 1");
  EXPECT_EQ(lane_name(TraceLane::kSchedule), "schedule");
  EXPECT_EQ(lane_name(TraceLane::kHost), "host");
}

}  // namespace
}  // namespace windtunnel
