#include "kernels/gemm/plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

GemmPlan bf16_on_h100(std::int64_t m, std::int64_t n, std::int64_t k) {
  return plan_gemm({GemmKind::kDense, Dtype::kBf16, m, n, k, 1}, kH100Limits);
}

struct Shown {
  GemmProblem problem;
  GpuLimits gpu;
  const char* plan;
};

TEST(GemmPlan, ShapesOfTheModelsHaveThesePlans) {
  const Shown all[] = {
      {{GemmKind::kDense, Dtype::kBf16, 4096, 7168, 2048, 1},
       kH100Limits,
       "128x256x64, 4 stages, 2 consumers, swizzle 128, 896 tiles on 132 blocks in panels of 15, "
       "214080 B"},
      {{GemmKind::kDense, Dtype::kFp8, 4096, 2112, 7168, 1},
       kH100Limits,
       "128x112x128, 6 stages, 2 consumers, swizzle 128, 608 tiles on 132 blocks in panels of 11, "
       "204896 B"},
      {{GemmKind::kContiguous, Dtype::kFp8, 32768, 4096, 7168, 1},
       kH100Limits,
       "128x128x128, 6 stages, 2 consumers, swizzle 128, 8192 tiles on 132 blocks in panels of 11, "
       "217184 B"},
      {{GemmKind::kMasked, Dtype::kBf16, 128, 4096, 7168, 8},
       kH100Limits,
       "128x256x64, 4 stages, 2 consumers, swizzle 128, 128 tiles on 128 blocks in panels of 1, "
       "214080 B"},
      {{GemmKind::kKGrouped, Dtype::kFp8, 4096, 7168, 8192, 4},
       kH100Limits,
       "128x128x128, 6 stages, 2 consumers, swizzle 128, 7168 tiles on 132 blocks in panels of 11, "
       "220256 B"},
      {{GemmKind::kDense, Dtype::kBf16, 4096, 7168, 2048, 1},
       kA100Limits,
       "64x256x32, 4 stages, 8 consumers, swizzle 64, 1792 tiles on 108 blocks in panels of 16, "
       "81920 B"},
      {{GemmKind::kKGrouped, Dtype::kBf16, 7168, 2048, 8192, 4},
       kA100Limits,
       "128x256x32, 4 stages, 8 consumers, swizzle 128, 1792 tiles on 108 blocks in panels of 12, "
       "98304 B"},
  };
  for (const Shown& it : all) EXPECT_EQ(text(plan_gemm(it.problem, it.gpu)), it.plan);
}

TEST(GemmPlan, AWidthOf112FillsTheSmsThat128LeavesIdle) {
  // 256 x 7168 in tiles of 128 x 128 are 112, of 128 x 112 128 of 132 SMs.
  const GemmPlan plan = plan_gemm({GemmKind::kDense, Dtype::kFp8, 256, 7168, 2048, 1}, kH100Limits);
  EXPECT_EQ(plan.tile_n, 112);
  EXPECT_EQ(plan.tiles, 128);
  EXPECT_GT(occupied(plan, 132), 0.96);
}

TEST(GemmPlan, FewRowsGetTilesOf64) { EXPECT_EQ(bf16_on_h100(64, 4096, 7168).tile_m, 64); }

TEST(GemmPlan, GradientsOfAmpereTakeTheTilesThatWasteLeast) {
  const auto plan = [](std::int64_t m, std::int64_t n) {
    return plan_gemm({GemmKind::kKGrouped, Dtype::kBf16, m, n, 4096, 1}, kA100Limits);
  };
  EXPECT_EQ(plan(576, 7168).tile_m, 64);
  EXPECT_EQ(plan(16384, 128).tile_m, 256);
  EXPECT_EQ(plan(1152, 1152).tile_n, 128);
}

TEST(GemmPlan, OccupiedIsTheShareOfFullRounds) {
  GemmPlan plan = bf16_on_h100(4096, 4096, 4096);
  plan.tiles = 133;
  EXPECT_EQ(occupied(plan, 132), 133.0 / 264);
}

TEST(GemmPlan, ArchitecturesHaveTheNamesOfTheCompiler) {
  EXPECT_EQ(arch_name(Arch::kSm80), "sm_80");
  EXPECT_EQ(arch_name(Arch::kSm90a), "sm_90a");
}

RC_GTEST_PROP(GemmPlan, EveryPlanFitsItsGpuAndCoversTheOutput, ()) {
  const bool hopper = *rc::gen::arbitrary<bool>();
  const GpuLimits gpu = hopper ? kH100Limits : kA100Limits;
  const Dtype dtype = hopper && *rc::gen::arbitrary<bool>() ? Dtype::kFp8 : Dtype::kBf16;
  const auto kind = *rc::gen::element(GemmKind::kDense, GemmKind::kContiguous, GemmKind::kMasked,
                                      GemmKind::kKGrouped);
  const bool one = kind == GemmKind::kDense || kind == GemmKind::kContiguous;
  const GemmProblem problem{kind,
                            dtype,
                            *rc::gen::inRange<std::int64_t>(1, 40000),
                            *rc::gen::inRange<std::int64_t>(1, 40000),
                            *rc::gen::inRange<std::int64_t>(1, 20000),
                            one ? 1 : *rc::gen::inRange<std::int64_t>(1, 64)};
  const GemmPlan plan = plan_gemm(problem, gpu);
  RC_ASSERT(plan.shared_bytes <= gpu.shared_bytes);
  RC_ASSERT(plan.stages >= 2 && plan.stages <= kMostStages);
  RC_ASSERT(plan.grid >= 1 && plan.grid <= gpu.sms && plan.grid <= plan.tiles);
  const std::int64_t rows = (problem.m + plan.tile_m - 1) / plan.tile_m;
  const std::int64_t columns = (problem.n + plan.tile_n - 1) / plan.tile_n;
  RC_ASSERT(plan.tiles == problem.groups * rows * columns);
  // A consumer warpgroup has 64 rows of wgmma once or twice, a warp 64.
  RC_ASSERT(plan.tile_m % 64 == 0);
  RC_ASSERT(plan.tile_n % 16 == 0 && plan.tile_n <= 256);
  const int threads = hopper ? plan.consumers * 128 : plan.consumers * 32;
  const int sets = dtype == Dtype::kFp8 ? 2 : 1;
  RC_ASSERT(plan.tile_m * plan.tile_n / threads * sets <= 128);
  // Rows of a stage run along k, but for spans of 64 columns of gradients of sm_80.
  const bool along_k = hopper || kind != GemmKind::kKGrouped;
  RC_ASSERT(plan.swizzle == (along_k ? plan.tile_k * (dtype == Dtype::kFp8 ? 1 : 2) : 128));
  RC_ASSERT(along_k || plan.tile_n % 64 == 0);
  RC_ASSERT(kind != GemmKind::kContiguous || 128 % plan.tile_m == 0);
  RC_ASSERT(text(plan) == text(plan_gemm(problem, gpu)));
}

}  // namespace
}  // namespace windtunnel
