// BF16 on the model of Hopper: every kind of product, every seed of schedule and landing times.
#include "kernels/gemm/gemm_sm90.cuh"

#include "tests/kernels/gemm/products.h"

namespace windtunnel::device {
namespace {

constexpr std::uint64_t kSeeds = 20;

template <int kTileM, int kTileN, typename Out = bf16, Major kMajor = Major::kK>
void expect_right(const Product& p, const Ring& ring) {
  for (const std::uint64_t seed : seeds(kSeeds)) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return launch_gemm_sm90<kTileM, kTileN, kMajor, Out>(gpu, plan_sm90(kTileM, kTileN, ring),
                                                           call);
    };
    EXPECT_EQ((run_product<bf16, Out>(p, seed, launcher)), "") << "seed " << seed;
  }
}

// k of 200 is no multiple of a stage, 136 columns and 200 rows none of a tile.
TEST(GemmSm90, DenseWrapsTheRingAndClipsItsEdges) {
  expect_right<128, 64>(dense(Dtype::kBf16, 200, 136, 200), {.stages = 3, .blocks = 2, .panel = 2});
}

TEST(GemmSm90, DenseInFp32) {
  expect_right<64, 96, float>(dense(Dtype::kBf16, 96, 104, 136), {.stages = 2, .blocks = 1});
}

TEST(GemmSm90, TwoBlocksOfRowsAConsumer) {
  expect_right<256, 32>(dense(Dtype::kBf16, 264, 48, 136), {.stages = 2, .blocks = 1});
}

TEST(GemmSm90, ContiguousTakesEachTilesExpert) {
  expect_right<128, 32>(contiguous(Dtype::kBf16, {40, 0, 130, 1}, 40, 136, 1),
                        {.stages = 2, .blocks = 2});
}

// The expert with one row has a panel that is lower than the others.
TEST(GemmSm90, MaskedLeavesOtherRowsAlone) {
  expect_right<64, 32>(masked(Dtype::kBf16, {0, 70, 1, 90, 0}, 90, 40, 136),
                       {.stages = 2, .blocks = 2, .panel = 2});
}

TEST(GemmSm90, WeightGradientsAreAddedForEveryExpert) {
  expect_right<128, 64, float, Major::kMn>(
      weight_gradient(Dtype::kBf16, {150, 0, 1, 64}, 136, 72, 64), {.stages = 2, .blocks = 2});
}

}  // namespace
}  // namespace windtunnel::device
