#include "kernels/all_to_all/plan.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

using device::World;

/// DeepSeek-V3's layer: FP8 rows with a scale for each 128 columns.
World deepseek(int nodes, int tokens) {
  return {.nodes = nodes,
          .node_ranks = 8,
          .experts = 256,
          .top_k = 8,
          .max_tokens = tokens,
          .columns = 7168,
          .row_bytes = 7168,
          .scales = 56,
          .blocks = 1,
          .capacity = tokens};
}

TEST(AllToAllPlan, ShapesOfTheModelHaveThesePlans) {
  EXPECT_EQ(text(plan_all_to_all(deepseek(1, 4096), 8, 132)),
            "16 blocks a rank, 16 warps a block, slab 714.2 MB");
  EXPECT_EQ(text(plan_all_to_all(deepseek(1, 4096), 1, 132)),
            "20 blocks a rank, 16 warps a block, slab 714.2 MB");
  EXPECT_EQ(text(plan_all_to_all(deepseek(8, 4096), 1, 132)),
            "20 blocks a rank, 16 warps a block, slab 6429.1 MB");
}

TEST(AllToAllPlan, LowLatencyTakesEverySmButNotMoreThanExperts) {
  EXPECT_EQ(text(plan_low_latency(deepseek(1, 128), 1, 132)),
            "132 blocks a rank, 16 warps a block, slab 257.1 MB");
  EXPECT_EQ(plan_low_latency(deepseek(1, 128), 8, 132).blocks, 16);
  World few = deepseek(1, 128);
  few.experts = 64;
  EXPECT_EQ(plan_low_latency(few, 1, 132).blocks, 64);
}

TEST(AllToAllPlan, MoreRanksThanSmsStillHaveACtaEach) {
  EXPECT_EQ(plan_all_to_all(deepseek(8, 16), 64, 40).blocks, 1);
}

}  // namespace
}  // namespace windtunnel
