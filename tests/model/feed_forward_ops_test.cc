#include "simulator/model/feed_forward_ops.h"

#include <gtest/gtest.h>

#include "tests/model/layer_shapes.h"

namespace windtunnel {
namespace {

constexpr LayerShape kSplitShape = plain_shape(1024, 1024, 8, Dtype::kFp8);
constexpr Moe kMoe{.routed_experts = 64,
                   .shared_experts = 2,
                   .top_k = 6,
                   .intermediate = 1408,
                   .groups = 1,
                   .top_groups = 1,
                   .node_limit = 0,
                   .scoring = Scoring::kSoftmax,
                   .correction_bias = false};

const LayerOp* find(const std::vector<LayerOp>& ops, const KernelShape& shape) {
  for (const LayerOp& op : ops) {
    if (op.kernel == shape) return &op;
  }
  return nullptr;
}

TEST(FeedForwardOps, ARankRunsItsShareOfTheExpertsOnAllRowsItExpects) {
  KernelList list(kSplitShape);
  feed_forward(kMoe, 2048, list);
  const std::vector<LayerOp> ops = list.take();
  // 64 experts on 8 ranks; 1024 tokens x 6 choices.
  const LayerOp* up = find(ops, {Operation::kGroupedGemm, Dtype::kFp8, 6144, 2816, 2048, 8});
  ASSERT_NE(up, nullptr);
  EXPECT_TRUE(up->routed);
  EXPECT_NE(find(ops, {Operation::kGroupedGemm, Dtype::kFp8, 6144, 2048, 1408, 8}), nullptr);
}

TEST(FeedForwardOps, SharedExpertsAreOneWiderSwiglu) {
  KernelList list(kSplitShape);
  feed_forward(kMoe, 2048, list);
  const std::vector<LayerOp> ops = list.take();
  const LayerOp* up = find(ops, {Operation::kGemm, Dtype::kFp8, 1024, 2 * 2816, 2048, 1});
  ASSERT_NE(up, nullptr);
  EXPECT_FALSE(up->routed);
}

TEST(FeedForwardOps, WithoutSharedExpertsNothingRunsOnAllTokens) {
  Moe moe = kMoe;
  moe.shared_experts = 0;
  KernelList list(kSplitShape);
  feed_forward(moe, 2048, list);
  feed_forward_weight(moe, 2048, list);
  for (const LayerOp& op : list.take()) {
    EXPECT_NE(op.kernel.operation, Operation::kGemm);
    EXPECT_NE(op.kernel.operation, Operation::kWeightGradient);
  }
}

TEST(FeedForwardOps, EachExpertsWeightGradientIsALaunch) {
  KernelList list(kSplitShape);
  feed_forward_weight(kMoe, 2048, list);
  const std::vector<LayerOp> ops = list.take();
  // 6144 rows over 8 experts.
  const LayerOp* down =
      find(ops, {Operation::kGroupedWeightGradient, Dtype::kFp8, 768, 2048, 1408, 1});
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->launches, 8);
}

TEST(FeedForwardOps, ADenseLayerCastsTheGradientThatAMoeLayerReceivesInFp8) {
  KernelList dense(kSplitShape);
  feed_forward_backward(Dense{4096}, 2048, dense);
  const std::vector<LayerOp> dense_ops = dense.take();
  EXPECT_NE(find(dense_ops, {Operation::kCastTranspose, Dtype::kBf16, 1024, 2048, 0, 1}), nullptr);
  KernelList moe(kSplitShape);
  feed_forward_backward(kMoe, 2048, moe);
  const std::vector<LayerOp> moe_ops = moe.take();
  EXPECT_NE(find(moe_ops, {Operation::kCastTranspose, Dtype::kFp8, 1024, 2048, 0, 1}), nullptr);
}

TEST(FeedForwardOps, OnlyAMoeLayerHasARouter) {
  KernelList dense(kSplitShape);
  feed_forward_entry(Dense{4096}, 2048, dense);
  for (const LayerOp& op : dense.take()) EXPECT_NE(op.kernel.operation, Operation::kRouterSelect);
  KernelList moe(kSplitShape);
  feed_forward_entry(kMoe, 2048, moe);
  EXPECT_NE(find(moe.take(), {Operation::kGemm, Dtype::kBf16, 1024, 64, 2048, 1}), nullptr);
}

TEST(FeedForwardOps, GeluHasNoGate) {
  const Dense gelu{.intermediate = 4096, .activation = Activation::kGelu, .bias = true};
  KernelList list(plain_shape(1024, 1024, 1, Dtype::kBf16), Norm::kLayer);
  feed_forward(gelu, 1024, list);
  const std::vector<LayerOp> forward = list.take();
  EXPECT_NE(find(forward, {Operation::kGemm, Dtype::kBf16, 1024, 4096, 1024, 1}), nullptr);
  EXPECT_NE(find(forward, {Operation::kGelu, Dtype::kBf16, 1024, 4096, 0, 1}), nullptr);
  EXPECT_NE(find(forward, {Operation::kGemm, Dtype::kBf16, 1024, 1024, 4096, 1}), nullptr);
  EXPECT_EQ(forward.size(), 3U);
  KernelList back(plain_shape(1024, 1024, 1, Dtype::kBf16), Norm::kLayer);
  feed_forward_backward(gelu, 1024, back);
  const std::vector<LayerOp> backward = back.take();
  EXPECT_NE(find(backward, {Operation::kGeluBackward, Dtype::kBf16, 1024, 4096, 0, 1}), nullptr);
  // kLight computes GELU and the norm again.
  EXPECT_NE(find(backward, {Operation::kGelu, Dtype::kBf16, 1024, 4096, 0, 1}), nullptr);
  EXPECT_NE(find(backward, {Operation::kLayerNorm, Dtype::kBf16, 1024, 1024, 0, 1}), nullptr);
  KernelList gradients(plain_shape(1024, 1024, 1, Dtype::kBf16));
  feed_forward_weight(gelu, 1024, gradients);
  const std::vector<LayerOp> weight = gradients.take();
  EXPECT_NE(find(weight, {Operation::kBiasGradient, Dtype::kBf16, 1024, 4096, 0, 1}), nullptr);
  EXPECT_EQ(weight.size(), 4U);
}

}  // namespace
}  // namespace windtunnel
