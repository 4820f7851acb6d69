// FP8 on the model of Hopper, whose e4m3 sums are in FP32: a scale or a promotion that is missing
// shows far above the tolerance.
#include "kernels/gemm/gemm_fp8_sm90.cuh"

#include "tests/kernels/gemm/products.h"

namespace windtunnel::device {
namespace {

constexpr std::uint64_t kSeeds = 20;

template <int kTileM, int kTileN, typename Out = bf16, bool kRowScales = false>
void expect_right(const Product& p, const Ring& ring) {
  using Kernel = GemmFp8Sm90<kTileM, kTileN, kRowScales, Out>;
  for (const std::uint64_t seed : seeds(kSeeds)) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return launch_gemm_fp8_sm90<kTileM, kTileN, kRowScales, Out>(
          gpu, plan_sm90(kTileM, kTileN, ring, Kernel::kScales), call);
    };
    EXPECT_EQ((run_product<e4m3, Out>(p, seed, launcher)), "") << "seed " << seed;
  }
}

// Tiles of 96 columns lie across two blocks of 128, and k ends inside one.
TEST(GemmFp8Sm90, DenseWrapsTheRingAndFollowsTheScales) {
  expect_right<128, 96>(dense(Dtype::kFp8, 136, 200, 432), {.stages = 2, .blocks = 2, .panel = 2});
}

TEST(GemmFp8Sm90, ContiguousTakesEachTilesExpert) {
  expect_right<128, 32>(contiguous(Dtype::kFp8, {40, 0, 130}, 40, 400, 1),
                        {.stages = 2, .blocks = 2});
}

TEST(GemmFp8Sm90, MaskedLeavesOtherRowsAlone) {
  expect_right<64, 32>(masked(Dtype::kFp8, {0, 70, 1, 90, 0}, 90, 40, 400),
                       {.stages = 2, .blocks = 2});
}

TEST(GemmFp8Sm90, WeightGradientsAreAddedForEveryExpert) {
  expect_right<128, 32, float, true>(weight_gradient(Dtype::kFp8, {300, 0, 1, 128}, 136, 40, 128),
                                     {.stages = 2, .blocks = 2});
}

reference::Quantized quantized(const Matrix& codes, const std::vector<float>& scales,
                               reference::Block block) {
  const std::int64_t blocks = (codes.columns + 127) / 128;
  return {codes, {{scales.begin(), scales.end()}, std::ssize(scales) / blocks, blocks}, block};
}

TEST(GemmFp8Sm90, SumsOfFourteenBitsArePromotedInTime) {
  Product p = dense(Dtype::kFp8, 72, 40, 400);
  p.accumulator_bits = 14;
  p.loss = reference::fp8_accumulation_loss(quantized(p.a, p.a_scales, reference::kActivationBlock),
                                            quantized(p.b, p.b_scales, reference::kWeightBlock));
  expect_right<64, 64>(p, {.stages = 2, .blocks = 1});
}

}  // namespace
}  // namespace windtunnel::device
