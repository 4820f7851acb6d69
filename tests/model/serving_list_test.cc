#include "simulator/model/serving_list.h"

#include <gtest/gtest.h>

#include "tests/model/models.h"
#include "tests/model/serving_divisions.h"

namespace windtunnel {
namespace {

std::vector<ServingOp> attention_ops(const Architecture& model, const ServingRows& rows,
                                     const ServingDivision& division) {
  ServingList list(model, rows, division);
  std::visit([&](const auto& attention) { serving_attention(attention, list); },
             model.layers.back().attention);
  return list.take();
}

std::vector<ServingOp> expert_ops(const ServingRows& rows, const ServingDivision& division) {
  static const Architecture v3 = deepseek_v3();
  ServingList list(v3, rows, division);
  serving_feed_forward(std::get<Moe>(v3.layers.back().feed_forward), list);
  return list.take();
}

// Each parameter of the attention multiplies once a row; decoding takes keys and values absorbed.
TEST(ServingAttention, MultipliesEveryMatrixOnce) {
  const Architecture v3 = deepseek_v3();
  std::int64_t products = 0;
  for (const auto& it :
       kernels_in<ServingProduct>(attention_ops(v3, prompts_of(1, 128), one_group(1, 1)))) {
    EXPECT_EQ(it.m, 128);
    products += it.n * it.k;
  }
  EXPECT_EQ(products, 187107328 - 1536 - 512);  // without the norms of the latents
  const auto decoding = attention_ops(v3, decode_of(64, 2048), one_group(1, 1));
  std::int64_t others = 0;
  for (const auto& it : kernels_in<ServingProduct>(decoding)) others += it.n * it.k;
  EXPECT_EQ(products - others, 512 * 128 * 256);
  EXPECT_EQ(kernels_in<AbsorbedProduct>(decoding).size(), 2U);
}

// The indexer's projections are of all heads on every GPU; each token sees at most 2048 others.
TEST(ServingAttention, OfSparseAttentionIsOfTheChosenTokens) {
  const Architecture sparse = shipped("deepseek-v3.2");
  const auto products = [](const Architecture& model) {
    std::int64_t elements = 0;
    for (const auto& it :
         kernels_in<ServingProduct>(attention_ops(model, decode_of(64, 2048), one_group(8, 8)))) {
      elements += it.n * it.k;
    }
    return elements;
  };
  EXPECT_EQ(products(sparse) - products(deepseek_v3()), 1536 * 64 * 128 + 7168 * (128 + 64));
  const auto decoding = attention_ops(sparse, decode_of(64, 65536), one_group(8, 8));
  EXPECT_EQ(kernels_in<SparseAttention>(decoding).at(0),
            (SparseAttention{true, 16, 64, 2048, 65536}));
  EXPECT_EQ(kernels_in<IndexerScores>(decoding).at(0),
            (IndexerScores{true, 64, 128, 64, 1, 65536}));
  EXPECT_TRUE(kernels_in<CacheAttention>(decoding).empty());
  ServingRows rows = prompts_of(2, 512);
  rows.cached = 256;
  const auto prompts = attention_ops(sparse, rows, one_group(8, 8));
  EXPECT_EQ(kernels_in<SparseAttention>(prompts).at(0),
            (SparseAttention{false, 16, 1024, 768, 768}));
  EXPECT_EQ(kernels_in<AbsorbedProduct>(prompts).size(), 2U);
  EXPECT_TRUE(kernels_in<PromptAttention>(prompts).empty());
}

TEST(ServingAttention, HeadsAreDividedAndLatentsWhole) {
  const Architecture v3 = deepseek_v3();
  const auto ops = attention_ops(v3, decode_of(64, 2048), one_group(8, 8));
  const auto products = kernels_in<ServingProduct>(ops);
  EXPECT_EQ(products[0], (ServingProduct{true, 64, 1536 + 512 + 64, 7168}));
  EXPECT_EQ(products[1], (ServingProduct{true, 64, 16 * 192, 1536}));
  EXPECT_EQ(products.back(), (ServingProduct{true, 64, 7168, 16 * 128}));
  EXPECT_EQ(kernels_in<CacheAttention>(ops)[0], (CacheAttention{true, 16, 1, 576, 64, 1, 2048}));
  const auto sums = kernels_in<GroupCollective>(ops);
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(sums[0], (GroupCollective{CollectiveKind::kAllReduce, 8, 2.0 * 64 * 7168}));
}

TEST(ServingAttention, GroupsGatherAndScatter) {
  const auto sums = kernels_in<GroupCollective>(
      attention_ops(deepseek_v3(), decode_of(64, 2048), groups_of_four(8)));
  ASSERT_EQ(sums.size(), 2U);
  EXPECT_EQ(sums[0].kind, CollectiveKind::kAllGather);
  EXPECT_EQ(sums[1].kind, CollectiveKind::kReduceScatter);
  EXPECT_EQ(sums[0].bytes, 2.0 * 64 * 7168);
}

TEST(ServingAttention, KeyHeadsAreDividedUntilOneIsLeft) {
  const Architecture llama = llama_8b();
  const auto one =
      kernels_in<CacheAttention>(attention_ops(llama, decode_of(4, 100), one_group(16, 1)));
  EXPECT_EQ(one[0], (CacheAttention{false, 2, 1, 128, 4, 1, 100}));
  const auto product =
      kernels_in<ServingProduct>(attention_ops(llama, decode_of(4, 100), one_group(1, 1)));
  EXPECT_EQ(product[0], (ServingProduct{true, 4, (32 + 2 * 8) * 128, 4096}));
}

// A chunk expands what is cached again, and attends to it.
TEST(ServingAttention, AChunkExpandsCachedLatents) {
  ServingRows rows = prompts_of(2, 256);
  rows.cached = 512;
  const auto ops = attention_ops(deepseek_v3(), rows, one_group(8, 8));
  EXPECT_EQ(kernels_in<PromptAttention>(ops)[0], (PromptAttention{true, 16, 16, 192, 2, 256, 512}));
  const auto products = kernels_in<ServingProduct>(ops);
  EXPECT_EQ(products[2], (ServingProduct{true, 512, 16 * 256, 512}));
  EXPECT_EQ(products[3], (ServingProduct{true, 1024, 16 * 256, 512}));
}

// FP8 casts the input of each linear layer.
TEST(ServingAttention, Fp8CastsEachInput) {
  const auto count_casts = [](bool fp8) {
    int casts = 0;
    for (const auto& it : kernels_in<KernelShape>(
             attention_ops(deepseek_v3(), decode_of(64, 2048), one_group(8, 8, fp8)))) {
      casts += it.operation == Operation::kCast ? 1 : 0;
    }
    return casts;
  };
  EXPECT_EQ(count_casts(false), 0);
  EXPECT_EQ(count_casts(true), 3);
}

// 64 rows to 8 of 256 experts over 8 ranks; the shared expert an eighth; two all-reduces a layer.
TEST(ServingExperts, OfOneGroupAreAtHand) {
  ServingDivision division = one_group(8, 8);
  division.load = 1.25;
  const auto ops = expert_ops(decode_of(64, 2048), division);
  const auto experts = kernels_in<ExpertProducts>(ops);
  ASSERT_EQ(experts.size(), 1U);
  EXPECT_EQ(experts[0].slots, 32);
  EXPECT_EQ(experts[0].rows, 64 * 1.25);
  EXPECT_FALSE(experts[0].dispatched);
  EXPECT_TRUE(kernels_in<ExpertTransfer>(ops).empty());
  EXPECT_EQ(kernels_in<GroupCollective>(ops).size(), 1U);
  EXPECT_EQ(kernels_in<ServingProduct>(ops)[1], (ServingProduct{true, 64, 2 * 256, 7168}));
}

TEST(ServingExperts, DividedByTensorHaveNoFullestRank) {
  ServingDivision division = one_group(8, 1);
  division.load = 1.25;
  const auto experts = kernels_in<ExpertProducts>(expert_ops(decode_of(64, 2048), division));
  EXPECT_EQ(experts[0].parts, 8);
  EXPECT_EQ(experts[0].slots, 256);
  EXPECT_EQ(experts[0].rows, 64 * 8);
}

// 8 groups of 64 rows on 32 GPUs: 16 rows travel from each, 128 arrive at each.
TEST(ServingExperts, OfGroupsAreDispatchedTo) {
  const auto ops = expert_ops(decode_of(64, 2048), groups_of_four(8));
  const auto transfers = kernels_in<ExpertTransfer>(ops);
  ASSERT_EQ(transfers.size(), 2U);
  EXPECT_FALSE(transfers[0].combine);
  EXPECT_TRUE(transfers[1].combine);
  EXPECT_TRUE(transfers[0].low_latency);
  EXPECT_EQ(transfers[0].tokens, 16);
  const auto experts = kernels_in<ExpertProducts>(ops);
  EXPECT_EQ(experts[0].rows, 8 * 64 * 8 / 32.0);
  EXPECT_TRUE(experts[0].masked);
  const auto prompts = expert_ops(prompts_of(1, 4096), groups_of_four(8));
  EXPECT_FALSE(kernels_in<ExpertTransfer>(prompts)[0].low_latency);
  EXPECT_FALSE(kernels_in<ExpertProducts>(prompts)[0].masked);
}

TEST(ServingExperts, ASharedExpertAmongThemIsANinth) {
  ServingDivision division = groups_of_four(8);
  division.redundant_experts = 32;
  division.shared_routed = true;
  const auto ops = expert_ops(decode_of(64, 2048), division);
  EXPECT_EQ(kernels_in<ExpertTransfer>(ops)[0].top_k, 9);
  EXPECT_EQ(kernels_in<ExpertProducts>(ops)[0].rows, 8 * 64 * 9 / 32.0);
  EXPECT_EQ(kernels_in<ExpertProducts>(ops)[0].slots, 9);
  EXPECT_EQ(kernels_in<ServingProduct>(ops).size(), 1U);  // the router's
}

}  // namespace
}  // namespace windtunnel
