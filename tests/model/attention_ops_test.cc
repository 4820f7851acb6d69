#include "simulator/model/attention_ops.h"

#include <gtest/gtest.h>

#include "tests/model/layer_shapes.h"

namespace windtunnel {
namespace {

constexpr LayerShape kTwoSequences = plain_shape(8192, 4096, 1, Dtype::kFp8);
constexpr Mla kDirectQueries{.heads = 16,
                             .q_lora_rank = 0,
                             .kv_lora_rank = 512,
                             .nope_dim = 128,
                             .rope_dim = 64,
                             .value_dim = 128};
constexpr Gqa kLlama{.heads = 32, .kv_heads = 8, .head_dim = 128, .qkv_bias = false};

double count(const std::vector<LayerOp>& ops, const KernelShape& shape) {
  double launches = 0;
  for (const LayerOp& op : ops) launches += op.kernel == shape ? op.launches : 0;
  return launches;
}

template <typename Attention, typename Append>
std::vector<LayerOp> ops_of(const Attention& attention, const Append& append) {
  KernelList list(kTwoSequences);
  append(attention, list);
  return list.take();
}

TEST(AttentionOps, WithoutAQueryLatentQueriesComeStraightFromTheHiddenState) {
  const auto forward = ops_of(
      kDirectQueries, [](const Mla& mla, KernelList& list) { attention_forward(mla, 2048, list); });
  // 16 heads x 192
  EXPECT_EQ(count(forward, {Operation::kGemm, Dtype::kFp8, 8192, 3072, 2048, 1}), 1);
  // Norms of the hidden state and of the kv latent only.
  EXPECT_EQ(count(forward, {Operation::kRmsNorm, Dtype::kBf16, 8192, 2048, 0, 1}), 1);
  EXPECT_EQ(count(forward, {Operation::kRmsNorm, Dtype::kBf16, 8192, 512, 0, 1}), 1);
}

TEST(AttentionOps, MlaRecomputesItsUpProjectionBackward) {
  const auto backward = ops_of(kDirectQueries, [](const Mla& mla, KernelList& list) {
    attention_backward(mla, 2048, list);
  });
  // 16 heads x (128 + 128) from the latent: once again for its values, once for its gradient.
  EXPECT_EQ(count(backward, {Operation::kGemm, Dtype::kFp8, 8192, 4096, 512, 1}), 1);
  EXPECT_EQ(count(backward, {Operation::kGemm, Dtype::kFp8, 8192, 512, 4096, 1}), 1);
}

TEST(AttentionOps, GroupedQueriesProjectFewerKeysThanTheyScore) {
  const auto forward =
      ops_of(kLlama, [](const Gqa& gqa, KernelList& list) { attention_forward(gqa, 4096, list); });
  // (32 + 2 x 8) heads x 128 channels; scores of 32 heads in two sequences.
  EXPECT_EQ(count(forward, {Operation::kGemm, Dtype::kFp8, 8192, 6144, 4096, 1}), 1);
  EXPECT_EQ(count(forward, {Operation::kAttentionForward, Dtype::kBf16, 4096, 128, 128, 64}), 1);
}

TEST(AttentionOps, EveryProjectionHasItsWeightGradient) {
  const auto weight =
      ops_of(kLlama, [](const Gqa& gqa, KernelList& list) { attention_weight(gqa, 4096, list); });
  EXPECT_EQ(weight.size(), 2U);
  EXPECT_EQ(count(weight, {Operation::kWeightGradient, Dtype::kFp8, 8192, 4096, 4096, 1}), 1);
  EXPECT_EQ(count(weight, {Operation::kWeightGradient, Dtype::kFp8, 8192, 6144, 4096, 1}), 1);
}

constexpr Gqa kGpt{.heads = 16,
                   .kv_heads = 16,
                   .head_dim = 64,
                   .qkv_bias = true,
                   .output_bias = true,
                   .rotary = false};

/// Two sequences of 1024 tokens, as Megatron-LM runs them.
LayerShape eager_shape() {
  LayerShape shape = plain_shape(2048, 1024, 1, Dtype::kBf16);
  shape.recompute = Recompute::kNone;
  shape.implementation = {
      .attention = AttentionKernels::kUnfused, .dropout = true, .separate_passes = true};
  return shape;
}

std::vector<Operation> operations(KernelList& list) {
  std::vector<Operation> all;
  for (const LayerOp& op : list.take()) all.push_back(op.kernel.operation);
  return all;
}

TEST(AttentionOps, UnfusedScoresAreMultipliedNormedDroppedAndMultiplied) {
  using O = Operation;
  KernelList list(eager_shape(), Norm::kLayer);
  attention_forward(kGpt, 1024, list);
  EXPECT_EQ(operations(list),
            (std::vector<O>{O::kLayerNorm, O::kGemm, O::kAdd, O::kBatchedGemm, O::kSoftmax,
                            O::kDropout, O::kBatchedGemm, O::kCopy, O::kGemm, O::kDropoutAdd}));
}

// 16 heads of two sequences: 32 products, and 32 x 1024 rows of 1024 scores.
TEST(AttentionOps, UnfusedScoresAreThoseOfEveryHeadAndSequence) {
  KernelList list(eager_shape(), Norm::kLayer);
  attention_backward(kGpt, 1024, list);
  const std::vector<LayerOp> ops = list.take();
  const auto product = [](std::int64_t n, std::int64_t k) {
    return KernelShape{Operation::kBatchedGemm, Dtype::kBf16, 1024, n, k, 32};
  };
  EXPECT_EQ(count(ops, product(64, 1024)), 3);  // dv, dq, dk
  EXPECT_EQ(count(ops, product(1024, 64)), 1);  // of the probabilities
  EXPECT_EQ(count(ops, {Operation::kSoftmaxBackward, Dtype::kBf16, 32768, 1024, 0, 1}), 1);
  EXPECT_EQ(count(ops, {Operation::kDropoutBackward, Dtype::kBf16, 32768, 1024, 0, 1}), 1);
  EXPECT_EQ(count(ops, {Operation::kRope, Dtype::kBf16, 2048, 1024, 0, 1}), 0);
}

TEST(AttentionOps, GradientsOfBiasesAreSumsAndGradientsAreAddedUp) {
  using O = Operation;
  KernelList list(eager_shape(), Norm::kLayer);
  attention_weight(kGpt, 1024, list);
  EXPECT_EQ(operations(list), (std::vector<O>{O::kWeightGradient, O::kAdd, O::kWeightGradient,
                                              O::kAdd, O::kBiasGradient, O::kBiasGradient}));
}

}  // namespace
}  // namespace windtunnel
