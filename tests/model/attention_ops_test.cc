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

}  // namespace
}  // namespace windtunnel
