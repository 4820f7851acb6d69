// Whatever the plan for an Ampere GPU chooses has a kernel, and that kernel is right.
#include "kernels/gemm/gemm.h"
#include "tests/kernels/gemm/products.h"

namespace windtunnel::device {
namespace {

constexpr GpuLimits kSmall{Arch::kSm80, 2, kA100Limits.shared_bytes};

TEST(GemmSm80Choice, EveryTileIsRight) {
  const Product p = dense(Dtype::kBf16, 136, 136, 72);
  for (const TileShape& tile : kSm80Tiles) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return gemm_on_sm80(gpu, plan_tile(problem_of(call, Dtype::kBf16, 0), kSmall, tile), call);
    };
    EXPECT_EQ((run_product<bf16, bf16>(p, 1, launcher)), "") << tile.m << " x " << tile.n;
  }
}

TEST(GemmSm80Choice, Fp32HasATileOfItsOwn) {
  const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
    const GemmPlan plan = plan_tile(problem_of(call, Dtype::kBf16, 0), kSmall, kFp32Sm80Tile);
    return gemm_fp32_on_sm80(gpu, plan, call);
  };
  EXPECT_EQ((run_product<bf16, float>(dense(Dtype::kBf16, 72, 72, 72), 1, launcher)), "");
}

TEST(GemmSm80Choice, EveryGradientTileIsRight) {
  const Product p = weight_gradient(Dtype::kBf16, {70, 1}, 136, 136, 64);
  for (const TileShape& tile : kSm80GradientTiles) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return gemm_on_sm80(gpu, plan_tile(problem_of(call, Dtype::kBf16, 0), kSmall, tile), call);
    };
    EXPECT_EQ((run_product<bf16, float>(p, 1, launcher)), "") << tile.m << " x " << tile.n;
  }
}

TEST(GemmSm80Choice, PlansHaveATileThatIsCompiled) {
  const auto planned = [&](Gpu& gpu, const GemmCall& call) {
    return gemm_on_sm80(gpu, plan_gemm(problem_of(call, Dtype::kBf16, 0), kA100Limits), call);
  };
  EXPECT_EQ((run_product<bf16, bf16>(dense(Dtype::kBf16, 72, 72, 72), 1, planned)), "");
  const Product p = weight_gradient(Dtype::kBf16, {1}, 72, 72, 64);
  EXPECT_EQ((run_product<bf16, float>(p, 1, planned)), "");
}

// Other products have this one.
TEST(GemmSm80Choice, ATileThatIsNoGradientsIsRefused) {
  const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
    return gemm_on_sm80(gpu, plan_sm90(64, 64, {.stages = 4, .blocks = 1}), call);
  };
  const Product p = weight_gradient(Dtype::kBf16, {1}, 8, 8, 64);
  EXPECT_THROW((run_product<bf16, float>(p, 1, launcher)), std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel::device
