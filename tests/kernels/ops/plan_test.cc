#include "kernels/ops/plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

TEST(RowPlan, ShapesOfTheModelsHaveThesePlans) {
  EXPECT_EQ(text(plan_rows({4096, 7168, 2}, 132)),
            "256 threads x 8 x 4, 1 row a block, 1056 blocks");
  EXPECT_EQ(text(plan_rows({4096, 2048, 2}, 132)),
            "64 threads x 8 x 4, 2 rows a block, 2048 blocks");
  EXPECT_EQ(text(plan_rows({4096, 64, 2}, 108)), "32 threads x 8 x 1, 4 rows a block, 1024 blocks");
  EXPECT_EQ(text(plan_rows({4096, 129280, 2}, 132)),
            "1024 threads x 8 x 16, 1 row a block, 264 blocks");
}

RC_GTEST_PROP(RowPlan, EveryElementHasAThreadAndEveryRowABlock, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 100000);
  const auto columns = *rc::gen::inRange<std::int64_t>(1, 20000);
  const auto element = *rc::gen::element(1, 2, 4);
  const RowPlan plan = plan_rows({rows, columns, element}, 132);
  RC_ASSERT(std::int64_t{plan.threads} * plan.vector * plan.steps >= columns);
  RC_ASSERT(std::int64_t{plan.threads} * plan.vector * (plan.steps - 1) < columns);
  RC_ASSERT(columns % plan.vector == 0);
  RC_ASSERT(plan.vector * element <= 16);
  RC_ASSERT(plan.threads * plan.rows_a_block >= 128 && plan.threads * plan.rows_a_block <= 1024);
  RC_ASSERT(plan.grid >= 1 && plan.grid <= 132 * 16);
}

TEST(RowPlan, ReductionDepthCountsAThreadsElementsAndTheTree) {
  EXPECT_EQ(reduction_depth({256, 8, 4, 1, 100}), 32 + 8);
}

}  // namespace
}  // namespace windtunnel
