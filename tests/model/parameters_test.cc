#include "simulator/model/parameters.h"

#include <gtest/gtest.h>

#include "tests/model/models.h"

namespace windtunnel {
namespace {

TEST(Parameters, V3MatchesItsCheckpointToTheLastParameter) {
  const Architecture v3 = deepseek_v3();
  const ParameterCount count = parameters(v3);
  EXPECT_EQ(count.total, 671'026'419'200);
  EXPECT_EQ(count.active, 37'552'297'472);
  EXPECT_EQ(count.active_without_embedding, 36'625'618'432);
  // The module's block, its 14336 x 7168 projection and three norms.
  EXPECT_EQ(count.mtp, 11'610'068'224);
  // 685 B on Hugging Face: the module is saved with its own copies of embedding and head.
  EXPECT_EQ(count.checkpoint, 684'489'845'504);
}

TEST(Parameters, V3sPartsAddUp) {
  const Architecture v3 = deepseek_v3();
  ASSERT_EQ(v3.layers.size(), 61U);
  const BlockParameters dense = block_parameters(v3, v3.layers[2]);
  const BlockParameters moe = block_parameters(v3, v3.layers[3]);
  EXPECT_EQ(dense.attention, 187'107'328);
  EXPECT_EQ(moe.attention, 187'107'328);
  EXPECT_EQ(moe.total, 11'507'286'272);
  EXPECT_EQ(expert_parameters(v3, std::get<Moe>(v3.layers[3].feed_forward)), 44'040'192);
  EXPECT_EQ(moe.shared_experts, 44'040'192);
  EXPECT_EQ(dense.dense, 3 * 7168 * 18432);
  EXPECT_EQ(moe.routed_experts, 256 * 44'040'192LL);
  const ParameterCount count = parameters(v3);
  EXPECT_EQ(3 * dense.total + 58 * moe.total, count.layers);
  EXPECT_EQ(count.layers + count.embedding + count.head + count.final_norm, count.total);
}

struct Count {
  const char* model;
  std::int64_t total;
  std::int64_t active;
  std::int64_t active_without_embedding;
  std::int64_t attention;  ///< of the last layer
};

// Derived from the published configurations, independently of this code.
constexpr Count kCounts[] = {
    {"deepseek-v2", 235'741'434'880, 21'375'800'320, 20'851'512'320, 149'227'520},
    {"deepseek-v2-lite", 15'706'484'224, 2'661'150'208, 2'451'435'008, 13'763'072},
    {"deepseek-moe-16b", 16'375'728'128, 2'828'650'496, 2'618'935'296, 16'777'216},
    {"deepseek-vl2-tiny", 2'934'734'080, 739'605'760, 574'127'360, 6'553'600},
    {"deepseek-vl2-small", 15'706'484'224, 2'661'150'208, 2'451'435'008, 13'763'072},
    {"deepseek-vl2", 27'033'548'328, 4'455'085'608, 4'124'128'808, 31'883'776},
    {"r1-distill-qwen-1.5b", 1'777'088'000, 1'777'088'000, 1'543'714'304, 5'507'072},
    {"r1-distill-qwen-7b", 7'615'616'512, 7'615'616'512, 7'070'619'136, 29'364'736},
    {"r1-distill-qwen-14b", 14'770'033'664, 14'770'033'664, 13'991'465'984, 62'921'728},
    {"r1-distill-qwen-32b", 32'763'876'352, 32'763'876'352, 31'985'308'672, 62'921'728},
    {"r1-distill-llama-8b", 8'030'261'248, 8'030'261'248, 7'504'924'672, 41'943'040},
    {"r1-distill-llama-70b", 70'553'706'496, 70'553'706'496, 69'503'033'344, 150'994'944},
};

TEST(Parameters, TheFamilyMatchesItsPublishedCountsToTheLastParameter) {
  for (const Count& want : kCounts) {
    const Architecture model = shipped(want.model);
    const ParameterCount count = parameters(model);
    EXPECT_EQ(count.total, want.total) << want.model;
    EXPECT_EQ(count.active, want.active) << want.model;
    EXPECT_EQ(count.active_without_embedding, want.active_without_embedding) << want.model;
    EXPECT_EQ(block_parameters(model, model.layers.back()).attention, want.attention) << want.model;
  }
}

// 413 M of encoder and 3.355, 16.133 and 27.465 B in all: derived from the published code.
TEST(Parameters, VisionEncodersMakeUpTheRestOfVl2) {
  EXPECT_NEAR(static_cast<double>(parameters(shipped("deepseek-vl2-tiny")).checkpoint), 3.355e9,
              5e5);
  EXPECT_NEAR(static_cast<double>(parameters(shipped("deepseek-vl2-small")).checkpoint), 16.133e9,
              5e5);
  EXPECT_NEAR(static_cast<double>(parameters(shipped("deepseek-vl2")).checkpoint), 27.465e9, 5e5);
  const Architecture tiny = shipped("deepseek-vl2-tiny");
  const std::int64_t adaptor = (4608 + 1) * 1280 + (1280 + 1) * 1280 + 2 * 1280;
  EXPECT_NEAR(static_cast<double>(parameters(tiny).vision - adaptor), 413e6, 5e5);
  EXPECT_EQ(patches(*tiny.vision), 729);
  EXPECT_EQ(tokens_per_tile(*tiny.vision), 196);
  EXPECT_EQ(parameters(deepseek_v3()).vision, 0);
}

// 64 queries of 128 from a latent of 1536, a key of 128 with weight and bias of its norm, 64
// weights.
TEST(Parameters, AnIndexerIsPartOfAttention) {
  const Architecture sparse = shipped("deepseek-v3.2");
  const std::int64_t indexer = 1536 * 64 * 128 + 7168 * (128 + 64) + 2 * 128;
  EXPECT_EQ(indexer, 13'959'424);
  EXPECT_EQ(parameters(sparse).total, 671'026'419'200 + 61 * indexer);
  EXPECT_EQ(block_parameters(sparse, sparse.layers.back()).attention, 187'107'328 + indexer);
}

TEST(Parameters, TiedEmbeddingsCountOnce) {
  Architecture tied = llama_8b();
  tied.tied_embeddings = true;
  const ParameterCount count = parameters(tied);
  EXPECT_EQ(count.head, 0);
  EXPECT_EQ(count.total, parameters(llama_8b()).total - count.embedding);
  // The table is the head's weight, so every token multiplies by it.
  EXPECT_EQ(count.active_without_embedding, count.active);
}

TEST(TrainingFlops, V3IsCloseToThePublished250GigaflopsAToken) {
  // arXiv 2505.09343 table 2 says 250 for 4096 tokens, causal; nothing here is fitted to it.
  const TokenFlops flops = training_flops_per_token(deepseek_v3(), 4096);
  RecordProperty("causal_gflops", std::to_string(flops.causal.value / 1e9));
  EXPECT_NEAR(flops.causal.value / 1e9, 250, 1);
  // Full scores add the other half of 61 layers * 3 * 2 * 128 heads * 320 channels * 2048 keys.
  EXPECT_DOUBLE_EQ(flops.full.value - flops.causal.value, 61.0 * 3 * 2 * 128 * 320 * 2048);
}

TEST(TrainingFlops, WithoutKeysOnlyMatricesMultiply) {
  // 6 FLOPs a parameter that multiplies: all but embedding, norms (65 * 4096 here).
  const ParameterCount count = parameters(llama_8b());
  EXPECT_DOUBLE_EQ(training_flops_per_token(llama_8b(), 0).causal.value,
                   6.0 * static_cast<double>(count.active_without_embedding - 65 * 4096));
}

TEST(KvCache, MatchesThePublishedBytesAToken) {
  const auto bytes = [](const char* model) { return kv_bytes_per_token(shipped(model), 2).value; };
  EXPECT_EQ(bytes("deepseek-v3"), 70'272);  // (512 + 64) * 2 * 61
  EXPECT_EQ(bytes("deepseek-v2"), 69'120);
  EXPECT_EQ(bytes("deepseek-v2-lite"), 31'104);
  EXPECT_EQ(bytes("deepseek-vl2-tiny"), 61'440);
  EXPECT_EQ(bytes("deepseek-vl2"), 34'560);
  EXPECT_EQ(bytes("r1-distill-qwen-1.5b"), 28'672);
  EXPECT_EQ(bytes("r1-distill-qwen-32b"), 262'144);
  EXPECT_EQ(bytes("r1-distill-llama-8b"), 131'072);  // 2 * 8 * 128 * 2 * 32
  EXPECT_EQ(bytes("r1-distill-llama-70b"), 327'680);
}

// 124, 1558 M (openai/gpt-2) and 174 600 M (arXiv 2005.14165 table D.1), by arithmetic: h x h
// matrices 12 a layer, 13 h of biases and norms; words and positions; the last norm.
TEST(Parameters, GptsMatchTheirPublishedCounts) {
  EXPECT_EQ(parameters(shipped("gpt2")).total, 124'439'808);
  EXPECT_EQ(parameters(shipped("gpt2-xl")).total, 1'557'611'200);
  EXPECT_EQ(parameters(shipped("gpt3-175b")).total, 174'604'259'328);
  const Architecture gpt = shipped("gpt-megatron");
  const ParameterCount count = parameters(gpt);
  EXPECT_EQ(count.positions, 1024 * 2048);
  EXPECT_EQ(count.head, 50257LL * 2048);
  EXPECT_EQ(count.layers, 24LL * (12 * 2048 * 2048 + 13 * 2048));
  EXPECT_EQ(block_parameters(gpt, gpt.layers.front()).matrices, 12LL * 2048 * 2048);
}

}  // namespace
}  // namespace windtunnel
