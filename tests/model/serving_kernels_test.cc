#include "simulator/model/serving_kernels.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(ServingKernels, HaveWordsThatTellThemApart) {
  EXPECT_EQ(kernel_words(KernelShape{Operation::kRmsNorm, Dtype::kBf16, 64, 7168, 0, 1}),
            "rms_norm bf16 64 x 7168");
  EXPECT_EQ(kernel_words(ServingProduct{true, 64, 7168, 2048}), "product 64 x 7168 x 2048");
  EXPECT_EQ(kernel_words(ServingProduct{false, 64, 256, 7168}), "product 64 x 256 x 7168 bf16");
  EXPECT_EQ(kernel_words(PromptAttention{true, 16, 16, 192, 2, 512, 1024}),
            "prompt attention 2 x 512 tokens after 1024, 16 MLA heads");
  EXPECT_EQ(kernel_words(CacheAttention{false, 12, 2, 128, 64, 1, 2048}),
            "cache attention 64 x 1 tokens to 2048, 12 heads on 2");
  EXPECT_EQ(kernel_words(AbsorbedProduct{false, 16, 64, 512, 128}),
            "absorbed query 64 rows, 16 heads");
  EXPECT_EQ(kernel_words(ExpertProducts{7168, 2048, 8, 256, 9, 1, 18022.4, true, false}),
            "experts 18022.4 rows, 9 of 7168 x 2048, contiguous");
  EXPECT_EQ(kernel_words(ExpertProducts{7168, 2048, 8, 256, 256, 8, 64, false, false}),
            "experts 64 rows, 256 of 7168 x 2048 / 8");
  EXPECT_EQ(kernel_words(TileAttention{10, 16, 72, 729}),
            "tile attention 10 x 729 patches, 16 heads");
  EXPECT_EQ(kernel_words(SparseAttention{true, 16, 64, 2048, 65536}),
            "sparse attention decoding 64 tokens to 2048 of 65536, 16 MLA heads");
  EXPECT_EQ(kernel_words(IndexerScores{false, 64, 128, 4096, 1, 8192}),
            "indexer of prompts, 4096 tokens to 8192, 64 heads");
  EXPECT_EQ(kernel_words(GroupCollective{CollectiveKind::kAllReduce, 8, 917504}),
            "all-reduce of 917504 B on 8 GPUs");
  EXPECT_EQ(kernel_words(ExpertTransfer{true, true, 320, 7168, 9, 256, 4, 32}),
            "low-latency combine 32 tokens x 9 of 256 on 320 GPUs");
}

TEST(ServingKernels, OnlyTransfersTravel) {
  EXPECT_TRUE(is_transfer(GroupCollective{}));
  EXPECT_TRUE(is_transfer(ExpertTransfer{}));
  EXPECT_FALSE(is_transfer(ServingProduct{}));
  EXPECT_FALSE(is_transfer(KernelShape{}));
}

}  // namespace
}  // namespace windtunnel
