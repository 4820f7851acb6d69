#include "kernels/moe/plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

TEST(RouterPlan, EachModelHasItsLanes) {
  EXPECT_EQ(text(plan_router(4096, 256, 8, 132)),
            "8 scores a lane, 4 lanes a group, 4 warps a block, 1024 blocks");
  EXPECT_EQ(text(plan_router(4096, 64, 1, 132)),
            "2 scores a lane, 32 lanes a group, 4 warps a block, 1024 blocks");
  EXPECT_EQ(text(plan_router(100000, 72, 1, 108)),
            "3 scores a lane, 32 lanes a group, 4 warps a block, 1728 blocks");
}

RC_GTEST_PROP(RouterPlan, LanesHoldEveryExpert, ()) {
  const auto groups = *rc::gen::element(1, 2, 4, 8, 16, 32);
  const auto members = *rc::gen::inRange(1, 65);
  const RouterPlan plan = plan_router(100, groups * members, groups, 132);
  RC_ASSERT(plan.lanes_a_group * groups <= 32);
  RC_ASSERT(plan.lanes_a_group * plan.scores >= members);
  RC_ASSERT(plan.lanes_a_group * (plan.scores - 1) < members);
}

TEST(SlotPlan, ShapesOfTheModelsHaveThesePlans) {
  EXPECT_EQ(text(plan_slots(4096 * 8, 256, 132)), "256 pairs a block, 128 blocks, 8192 B");
  EXPECT_EQ(text(plan_slots(1, 256, 132)), "256 pairs a block, 1 blocks, 8192 B");
}

RC_GTEST_PROP(SlotPlan, BlocksCoverEveryPairAndFitTheSms, ()) {
  const auto pairs = *rc::gen::inRange<std::int64_t>(0, 1000000);
  const SlotPlan plan = plan_slots(pairs, 256, 132);
  RC_ASSERT(plan.pairs_a_block * plan.grid >= pairs);
  RC_ASSERT(plan.grid <= 132);
  RC_ASSERT(plan.pairs_a_block % 256 == 0);
}

}  // namespace
}  // namespace windtunnel
