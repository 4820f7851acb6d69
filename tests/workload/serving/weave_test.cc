#include "simulator/workload/serving/weave.h"

#include <gtest/gtest.h>

#include "simulator/engine/run.h"

namespace windtunnel {
namespace {

// Attention 3 and dispatch 2 of two micro-batches: the second attention hides the first dispatch.
TEST(Weave, OneMicroBatchTravelsWhileTheOtherComputes) {
  Weave weave(2);
  weave.add_layer({Seconds{3}, Seconds{2}, Seconds{0}, Seconds{0}});
  ASSERT_EQ(weave.ops.size(), 4U);
  EXPECT_EQ(weave.ops[3].stage, ServingStage::kDispatch);
  EXPECT_EQ(weave.ops[3].micro_batch, 1);
  EXPECT_EQ(weave.compute.value, 6);
  EXPECT_EQ(weave.transfers.value, 4);
  EXPECT_EQ(to_seconds(run(weave.graph).makespan).value, 8);
}

TEST(Weave, LayersFollowOneAnotherAndStagesWithoutTimeAreNone) {
  Weave weave(1);
  weave.add_layer({Seconds{0}, Seconds{0}, Seconds{0}, Seconds{0}});
  weave.add_layer({Seconds{1}, Seconds{0}, Seconds{2}, Seconds{0}});
  ASSERT_EQ(weave.ops.size(), 2U);
  EXPECT_EQ(weave.ops[0].layer, 1);
  EXPECT_EQ(to_seconds(run(weave.graph).makespan).value, 3);
}

}  // namespace
}  // namespace windtunnel
