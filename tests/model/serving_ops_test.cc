#include "simulator/model/serving_ops.h"

#include <gtest/gtest.h>

#include "simulator/model/parameters.h"
#include "tests/model/models.h"
#include "tests/model/serving_divisions.h"

namespace windtunnel {
namespace {

std::vector<std::string> block_names(const std::vector<ServingBlock>& blocks) {
  std::vector<std::string> names;
  for (const ServingBlock& block : blocks) names.push_back(block.name);
  return names;
}

TEST(ServingBlocks, OfV3AreItsLayersInOrder) {
  const auto blocks = serving_blocks(deepseek_v3(), decode_of(64, 2048), one_group(8, 8));
  EXPECT_EQ(block_names(blocks),
            (std::vector<std::string>{"embedding", "dense layer", "MoE layer", "head"}));
  EXPECT_EQ(blocks[1].count, 3);
  EXPECT_EQ(blocks[2].count, 58);
}

// One row of a dense model multiplies every parameter but those of embedding, norms and biases.
TEST(ServingBlocks, OfADenseModelMultiplyEveryMatrix) {
  const Architecture model = shipped("r1-distill-qwen-7b");
  std::int64_t products = 0;
  for (const ServingBlock& block : serving_blocks(model, decode_of(1, 1), one_group(1, 1))) {
    for (const auto& it : kernels_in<ServingProduct>(block.ops)) {
      products += it.m * it.n * it.k * block.count;
    }
  }
  std::int64_t matrices = model.vocabulary * model.hidden;
  for (const Layer& layer : model.layers) matrices += block_parameters(model, layer).matrices;
  EXPECT_EQ(products, matrices);
}

TEST(ServingBlocks, TheHeadRunsWhereItIsAsked) {
  ServingDivision division = one_group(8, 8);
  const auto rows_of = [&](const ServingRows& rows) {
    const auto blocks = serving_blocks(deepseek_v3(), rows, division);
    return kernels_in<ServingProduct>(block_called(blocks, "head").ops)[0];
  };
  EXPECT_EQ(rows_of(prompts_of(3, 512)), (ServingProduct{false, 3, 129280 / 8, 7168}));
  EXPECT_EQ(rows_of(decode_of(64, 2048)).m, 64);
  division.all_logits = true;
  EXPECT_EQ(rows_of(prompts_of(3, 512)).m, 3 * 512);
}

TEST(ServingBlocks, APredictionModuleIsABlockAndAHead) {
  ServingDivision division = one_group(8, 8);
  division.drafts = 1;
  ServingRows rows = decode_of(64, 2048);
  rows.queries = 2;
  const auto blocks = serving_blocks(deepseek_v3(), rows, division);
  const auto products = kernels_in<ServingProduct>(block_called(blocks, "prediction module").ops);
  EXPECT_EQ(products[0], (ServingProduct{true, 128, 7168, 2 * 7168}));
  EXPECT_EQ(kernels_in<ServingProduct>(block_called(blocks, "head").ops)[0].m, 128);
  EXPECT_EQ(kernels_in<ServingProduct>(block_called(blocks, "draft head").ops)[0].m, 64);
}

// 10 tiles of 729 patches through 27 layers, and 196 tokens a tile through the adaptor.
TEST(ServingBlocks, TilesGoThroughTheEncoder) {
  ServingRows rows{0, 0, 0, 0, 1, 0, 10};
  const auto blocks = serving_blocks(shipped("deepseek-vl2"), rows, one_group(1, 1));
  ASSERT_EQ(block_names(blocks), (std::vector<std::string>{"vision encoder"}));
  const auto tiles = kernels_in<TileAttention>(blocks[0].ops);
  EXPECT_EQ(tiles[0], (TileAttention{10, 16, 72, 729}));
  const auto products = kernels_in<ServingProduct>(blocks[0].ops);
  EXPECT_EQ(products.back(), (ServingProduct{false, 1960, 2560, 2560}));
  EXPECT_EQ(products[1], (ServingProduct{false, 7290, 3 * 1152, 1152}));
}

TEST(ServingBlocks, NothingIsDoneForNoRows) {
  EXPECT_TRUE(serving_blocks(deepseek_v3(), decode_of(0, 0), one_group(8, 8)).empty());
}

}  // namespace
}  // namespace windtunnel
