// Whatever the plan for a GPU chooses has a kernel, and that kernel is right.
#include "kernels/gemm/gemm_sm90.cu"
#include "tests/kernels/gemm/products.h"

namespace windtunnel::device {
namespace {

/// The plan of a tile for a small GPU.
GemmPlan plan_of(const GemmCall& call, Dtype dtype, const TileShape& tile) {
  return plan_tile(problem_of(call, dtype, 70), {Arch::kSm90a, 2, kH100Limits.shared_bytes}, tile);
}

TEST(GemmSm90Choice, EveryTileIsRight) {
  const Product p = dense(Dtype::kBf16, 136, 136, 72);
  for (const TileShape& tile : kSm90Tiles) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return gemm_on_sm90(gpu, plan_of(call, Dtype::kBf16, tile), call);
    };
    EXPECT_EQ((run_product<bf16, bf16>(p, 1, launcher)), "") << tile.m << " x " << tile.n;
  }
}

TEST(GemmSm90Choice, EveryTileOfFp8IsRight) {
  const Product p = dense(Dtype::kFp8, 136, 136, 144);
  for (const TileShape& tile : kFp8Tiles) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return gemm_fp8_on_sm90(gpu, plan_of(call, Dtype::kFp8, tile), call);
    };
    EXPECT_EQ((run_product<e4m3, bf16>(p, 1, launcher)), "") << tile.m << " x " << tile.n;
  }
}

TEST(GemmSm90Choice, EveryTileOfWeightGradientsIsRight) {
  const Product p = weight_gradient(Dtype::kBf16, {70, 0, 1}, 136, 136, 64);
  for (const TileShape& tile : kGradientTiles) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return gemm_on_sm90(gpu, plan_of(call, Dtype::kBf16, tile), call);
    };
    EXPECT_EQ((run_product<bf16, float>(p, 1, launcher)), "") << tile.m << " x " << tile.n;
  }
  const Product q = weight_gradient(Dtype::kFp8, {130, 0, 1}, 136, 136, 128);
  for (const TileShape& tile : kFp8GradientTiles) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return gemm_fp8_on_sm90(gpu, plan_of(call, Dtype::kFp8, tile), call);
    };
    EXPECT_EQ((run_product<e4m3, float>(q, 1, launcher)), "") << tile.m << " x " << tile.n;
  }
}

TEST(GemmSm90Choice, Fp32HasATileOfItsOwn) {
  const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
    return gemm_fp32_on_sm90(gpu, plan_of(call, Dtype::kBf16, kFp32Tile), call);
  };
  EXPECT_EQ((run_product<bf16, float>(dense(Dtype::kBf16, 72, 72, 72), 1, launcher)), "");
}

TEST(GemmSm90Choice, PlansHaveATileThatIsCompiled) {
  const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
    return gemm_on_sm90(gpu, plan_gemm(problem_of(call, Dtype::kBf16, 70), kH100Limits), call);
  };
  EXPECT_EQ((run_product<bf16, bf16>(dense(Dtype::kBf16, 72, 72, 72), 1, launcher)), "");
  EXPECT_EQ((run_product<bf16, bf16>(masked(Dtype::kBf16, {0, 70}, 72, 72, 72), 1, launcher)), "");
  EXPECT_EQ((run_product<bf16, bf16>(contiguous(Dtype::kBf16, {9, 1}, 72, 72), 1, launcher)), "");
}

TEST(GemmSm90Choice, ATileWithoutKernelIsRefused) {
  const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
    return gemm_on_sm90(gpu, plan_sm90(128, 48, {.stages = 2, .blocks = 1}), call);
  };
  const Product p = dense(Dtype::kBf16, 8, 8, 8);
  EXPECT_THROW((run_product<bf16, bf16>(p, 1, launcher)), std::invalid_argument);
  const auto two_experts = [&](Gpu& gpu, const GemmCall& call) {
    return gemm_on_sm90(gpu, plan_sm90(256, 128, {.stages = 2, .blocks = 1}), call);
  };
  const Product q = contiguous(Dtype::kBf16, {1, 1}, 8, 8);
  EXPECT_THROW((run_product<bf16, bf16>(q, 1, two_experts)), std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel::device
