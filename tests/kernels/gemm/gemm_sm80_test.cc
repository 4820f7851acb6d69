// BF16 on the model of Ampere.
#include "kernels/gemm/gemm_sm80.cuh"

#include "tests/kernels/gemm/products.h"

namespace windtunnel::device {
namespace {

constexpr std::uint64_t kSeeds = 20;

template <int kTileM, int kTileN, int kWarps, typename Out = bf16, Major kMajor = Major::kK>
void expect_right(const Product& p, const Ring& ring) {
  for (const std::uint64_t seed : seeds(kSeeds)) {
    const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
      return launch_gemm_sm80<kTileM, kTileN, kWarps, kMajor, Out>(
          gpu, plan_sm90(kTileM, kTileN, ring), call);
    };
    EXPECT_EQ((run_product<bf16, Out>(p, seed, launcher)), "") << "seed " << seed;
  }
}

// Seven steps of k wrap the ring of four; rows, columns and k end inside a tile.
TEST(GemmSm80, DenseWrapsTheRingAndClipsItsEdges) {
  expect_right<128, 64, 4>(dense(Dtype::kBf16, 136, 72, 200), {.stages = 4, .blocks = 2});
}

TEST(GemmSm80, DenseInFp32) {
  expect_right<64, 64, 2, float>(dense(Dtype::kBf16, 72, 72, 168), {.stages = 4, .blocks = 1});
}

TEST(GemmSm80, ContiguousTakesEachTilesExpert) {
  expect_right<128, 64, 4>(contiguous(Dtype::kBf16, {40, 0, 130}, 72, 168, 1),
                           {.stages = 4, .blocks = 2});
}

TEST(GemmSm80, MaskedLeavesOtherRowsAlone) {
  expect_right<64, 64, 2>(masked(Dtype::kBf16, {0, 70, 1, 0}, 80, 72, 168),
                          {.stages = 4, .blocks = 2});
}

// Groups of six steps, none and two; rows and columns end inside a tile.
TEST(GemmSm80, WeightGradientsAreAddedForEveryExpert) {
  expect_right<128, 64, 4, float, Major::kMn>(
      weight_gradient(Dtype::kBf16, {150, 0, 1}, 136, 72, 64), {.stages = 4, .blocks = 2});
}

TEST(GemmSm80, GradientsOfExpertsWithoutRowsAreNotEvenRead) {
  const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
    const Buffer<float> undefined(gpu, 64 * 64, "undefined");
    GemmCall empty = call;
    empty.c = undefined.data();
    return launch_gemm_sm80<64, 64, 2, Major::kMn, float>(
        gpu, plan_sm90(64, 64, {.stages = 4, .blocks = 1}), empty);
  };
  Product p = weight_gradient(Dtype::kBf16, {64}, 64, 64, 64);
  p.index = {0, 0};
  p.written.assign(64, 0);
  EXPECT_EQ((run_product<bf16, float>(p, 1, launcher)), "");
}

template <Major kMajor, typename Out>
void expect_no_bank_conflicts(const Product& p) {
  const auto launcher = [&](Gpu& gpu, const GemmCall& call) {
    const LaunchReport report = launch_gemm_sm80<64, 64, 2, kMajor, Out>(
        gpu, plan_sm90(64, 64, {.stages = 4, .blocks = 1}), call);
    EXPECT_EQ(report.bank_conflicts, 0U);
    return report;
  };
  EXPECT_EQ((run_product<bf16, Out>(p, 1, launcher)), "");
}

TEST(GemmSm80, LoadsOfMatricesHaveNoBankConflicts) {
  expect_no_bank_conflicts<Major::kK, bf16>(dense(Dtype::kBf16, 64, 64, 64));
  expect_no_bank_conflicts<Major::kMn, float>(weight_gradient(Dtype::kBf16, {64}, 64, 64, 64));
}

}  // namespace
}  // namespace windtunnel::device
