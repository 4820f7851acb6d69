#include "simulator/model/vision_ops.h"

#include <gtest/gtest.h>

#include "simulator/model/parameters.h"

namespace windtunnel {
namespace {

/// SigLIP SO400M over tiles of 384 pixels, as VL2 has it: 27 x 27 patches, 14 x 14 tokens.
constexpr Vision kSiglip{.width = 1152,
                         .layers = 27,
                         .heads = 16,
                         .intermediate = 4304,
                         .patch = 14,
                         .tile = 384,
                         .shuffle = 2};

double products(const std::vector<LayerOp>& ops, Phase first, Phase second) {
  double flops = 0;
  for (const LayerOp& op : ops) {
    const bool product = op.kernel.operation == Operation::kGemm ||
                         op.kernel.operation == Operation::kWeightGradient;
    if (product && (op.phase == first || op.phase == second)) {
      flops += work(op.kernel).flops.value * op.launches;
    }
  }
  return flops;
}

constexpr VisionShape kThreeTiles{.tiles = 3, .recompute = Recompute::kLight};

// 3 x 729 patches through 4 w^2 + 2 w x 4304 weights, two FLOPs each; as much for each of the two
// gradients.
TEST(VisionLayerOps, MultiplyEveryPatchByEveryWeight) {
  const auto ops = vision_layer_ops(kSiglip, kThreeTiles);
  const double once = 2.0 * 3 * 729 * (4.0 * 1152 * 1152 + 2.0 * 1152 * 4304);
  EXPECT_DOUBLE_EQ(products(ops, Phase::kAttentionForward, Phase::kMlpForward), once);
  EXPECT_DOUBLE_EQ(products(ops, Phase::kAttentionBackward, Phase::kMlpBackward), once);
  EXPECT_DOUBLE_EQ(products(ops, Phase::kAttentionWeight, Phase::kMlpWeight), once);
}

TEST(VisionLayerOps, RunTheirForwardAgainWhereNothingIsKept) {
  const auto ops = vision_layer_ops(kSiglip, {.tiles = 3, .recompute = Recompute::kFull});
  EXPECT_DOUBLE_EQ(products(ops, Phase::kAttentionBackward, Phase::kMlpBackward),
                   2 * products(ops, Phase::kAttentionForward, Phase::kMlpForward));
}

// Every patch of a tile sees all 729: 4 x 729^2 x 72 FLOPs a head, twice a causal half.
TEST(VisionLayerOps, SeeAllPatchesOfATile) {
  for (const LayerOp& op : vision_layer_ops(kSiglip, kThreeTiles)) {
    if (op.kernel.operation != Operation::kAttentionForward) continue;
    EXPECT_EQ(op.kernel.m, 729);
    EXPECT_NEAR(work(op.kernel).flops.value / (3 * 16 * 4.0 * 729 * 729 * 72), 1, 2e-3);
  }
}

TEST(PatchOps, TakeTheColoursOfAPatch) {
  const auto ops = patch_ops(kSiglip, kThreeTiles);
  EXPECT_EQ(ops.front().kernel,
            (KernelShape{Operation::kGemm, Dtype::kBf16, 3 * 729, 1152, 588, 1}));
  EXPECT_DOUBLE_EQ(products(ops, Phase::kAttentionWeight, Phase::kMlpWeight),
                   2.0 * 3 * 729 * 1152 * 588);
}

// 2 x 2 patches are 4608 channels of one of 3 x 196 tokens.
TEST(AdaptorOps, MakeTokensOfPatches) {
  const auto ops = adaptor_ops(kSiglip, 2560, kThreeTiles);
  const double once = 2.0 * 3 * 196 * (4608.0 * 2560 + 2560.0 * 2560);
  EXPECT_DOUBLE_EQ(products(ops, Phase::kMlpForward, Phase::kAttentionForward), once);
  EXPECT_DOUBLE_EQ(products(ops, Phase::kMlpBackward, Phase::kAttentionBackward), once);
  EXPECT_DOUBLE_EQ(products(ops, Phase::kMlpWeight, Phase::kAttentionWeight), once);
}

}  // namespace
}  // namespace windtunnel
