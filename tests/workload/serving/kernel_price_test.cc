#include "simulator/workload/serving/kernel_price.h"

#include <gtest/gtest.h>

#include "simulator/hardware/gemm_price.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

Price price_in(const ServingScenario& scenario, const ServingKernel& kernel) {
  return serving_kernel_price(shipped_prices(), scenario, kernel);
}

bool says(const Price& price, const std::string& text) {
  return price.provenance.source.find(text) != std::string::npos;
}

CacheAttention decode(std::int64_t requests, std::int64_t queries, std::int64_t heads = 16) {
  return {.latent = true,
          .heads = heads,
          .kv_heads = 1,
          .head_dim = 576,
          .requests = requests,
          .queries = queries,
          .context = 2048};
}

TEST(ServingKernelPrice, AProductIsTheGemmTables) {
  const ServingScenario v3 = v3_on_h200();
  const MeasurementStore& store = shipped_prices().tables;
  EXPECT_EQ(price_in(v3, ServingProduct{true, 64, 7168, 2048}).time,
            gemm_price(store, v3.cluster.gpu, "fp8_block", 64, 7168, 2048).time);
  EXPECT_EQ(price_in(v3, ServingProduct{false, 64, 7168, 2048}).time,
            gemm_price(store, v3.cluster.gpu, "bfloat16", 64, 7168, 2048).time);
}

TEST(ServingKernelPrice, TheFrameworksOwnAttentionAnswers) {
  EXPECT_TRUE(says(price_in(v3_on_h200(), decode(64, 1)), "FlashAttention 3"));
  EXPECT_TRUE(says(price_in(v3_units(), decode(64, 1, 32)), "FlashMLA"));
  const ServingScenario trtllm = v3_on_h200({{"framework", "tensorrt-llm"}});
  EXPECT_TRUE(says(price_in(trtllm, decode(64, 1)), "TensorRT-LLM"));
  // SGLang on Ampere: Triton, timed from 8 heads on; fewer are TensorRT-LLM's.
  const ServingScenario a800 = deployment("deepseek-v3/serve-a800-bf16");
  EXPECT_TRUE(says(price_in(a800, decode(64, 1, 16)), "SGLang"));
  EXPECT_TRUE(says(price_in(a800, decode(64, 1, 4)), "TensorRT-LLM"));
}

// Two queries of 16 heads read the cache once, as 32 heads do; 256 are twice 128.
TEST(ServingKernelPrice, QueriesOfARequestAreMoreHeads) {
  const ServingScenario v3 = v3_on_h200();
  EXPECT_EQ(price_in(v3, decode(64, 2, 16)).time, price_in(v3, decode(64, 1, 32)).time);
  const Price twice = price_in(v3, decode(64, 2, 128));
  EXPECT_DOUBLE_EQ(twice.time.value, 2 * price_in(v3, decode(64, 1, 128)).time.value);
  EXPECT_EQ(twice.provenance.basis, Basis::kScaled);
}

// Chunks share the triangle: 1/4 of it lies in the first half of a prompt, 3/4 in the second.
TEST(ServingKernelPrice, ChunksAddUpToTheWholePrompt) {
  const ServingScenario v3 = v3_on_h200();
  const auto prompt = [&](std::int64_t tokens, std::int64_t cached) {
    return price_in(v3, PromptAttention{true, 16, 16, 192, 1, tokens, cached}).time.value;
  };
  EXPECT_NEAR(prompt(2048, 2048) / prompt(4096, 0), 0.75, 1e-12);
  EXPECT_GT(prompt(4096, 0), prompt(2048, 0));
}

ExpertProducts experts(double slots, double rows, double parts = 1) {
  return {.hidden = 7168,
          .intermediate = 2048,
          .top_k = 8,
          .experts = 256,
          .slots = slots,
          .parts = parts,
          .rows = rows,
          .dispatched = false,
          .masked = false};
}

// Eight GPUs that share each of 256 experts hold as much and compute as much as 32 experts each.
TEST(ServingKernelPrice, PartsOfExpertsArePricedAsWholeOnes) {
  const ServingScenario v3 = v3_on_h200();
  EXPECT_EQ(price_in(v3, experts(256, 512, 8)).time, price_in(v3, experts(32, 64)).time);
}

TEST(ServingKernelPrice, ExpertsBehindADispatchAreDeepEps) {
  ExpertProducts kernel = experts(9, 18000);
  kernel.dispatched = true;
  EXPECT_TRUE(says(price_in(v3_units(), kernel), "SGLang"));
  const double contiguous = price_in(v3_units(), kernel).time.value;
  kernel.rows *= 2;
  EXPECT_NEAR(price_in(v3_units(), kernel).time.value / contiguous, 2, 0.2);
}

TEST(ServingKernelPrice, MaskedExpertsOfH800WereTimedThere) {
  ExpertProducts kernel = experts(1, 320);
  kernel.dispatched = kernel.masked = true;
  const Price here = price_in(v3_units(), kernel);
  EXPECT_TRUE(says(here, "InferSim"));
  EXPECT_EQ(here.provenance.basis, Basis::kMeasured);
  EXPECT_TRUE(says(price_in(v3_on_h200(), kernel), "SGLang"));
}

// VL2's experts were never measured: their class answers, estimated, growing with the rows.
TEST(ServingKernelPrice, UnmeasuredExpertsAreEstimated) {
  const ServingScenario vl2 = deployment("deepseek-vl2/serve");
  ExpertProducts kernel{.hidden = 2560,
                        .intermediate = 1536,
                        .top_k = 6,
                        .experts = 72,
                        .slots = 72,
                        .parts = 1,
                        .rows = 6,
                        .dispatched = false,
                        .masked = false};
  const Price few = price_in(vl2, kernel);
  EXPECT_EQ(few.provenance.basis, Basis::kEstimated);
  // At least the weights of the six experts that six rows reach, give or take one.
  EXPECT_GT(few.time.value, 5 * 3 * 2560.0 * 1536 * 2 / 2.039e12);
  kernel.rows = 60000;
  EXPECT_GT(price_in(vl2, kernel).time.value, 20 * few.time.value);
}

TEST(ServingKernelPrice, TilesWithoutATableAreEstimated) {
  const TileAttention tiles{10, 16, 72, 729};
  EXPECT_EQ(price_in(deployment("deepseek-vl2/serve"), tiles).provenance.basis, Basis::kEstimated);
  EXPECT_TRUE(says(price_in(v3_on_h200(), tiles), "vLLM"));
}

// Rows of InferSim's tables as they are: 91.245 and 9.108 us of 64 requests, 3687.923 and 138.179
// us of 4096 rows.
TEST(ServingKernelPrice, SparseAttentionWasTimedOnH800) {
  const ServingScenario sparse = deployment("deepseek-v3.2/serve-long");
  const auto us = [&](const ServingKernel& kernel) {
    return price_in(sparse, kernel).time.value * 1e6;
  };
  EXPECT_NEAR(us(SparseAttention{true, 128, 64, 1024, 1024}), 91.245, 1e-9);
  EXPECT_NEAR(us(SparseAttention{true, 64, 64, 1024, 1024}), 91.245 / 2, 1e-9);
  EXPECT_NEAR(us(IndexerScores{true, 64, 128, 64, 1, 1024}), 9.108, 1e-9);
  EXPECT_NEAR(us(SparseAttention{false, 128, 4096, 2048, 4096}), 3687.923, 1e-9);
  EXPECT_NEAR(us(IndexerScores{false, 64, 128, 4096, 1, 4096}), 138.179, 1e-9);
}

// A whole prompt's rows see 16 K keys less a half on average, as rows in its middle do.
TEST(ServingKernelPrice, TheIndexersChunksAddUpToTheWholePrompt) {
  const ServingScenario sparse = deployment("deepseek-v3.2/serve-long");
  const double whole = price_in(sparse, IndexerScores{false, 64, 128, 16384, 1, 16384}).time.value;
  double chunks = 0;
  for (const std::int64_t end : {4096, 8192, 12288, 16384}) {
    chunks += price_in(sparse, IndexerScores{false, 64, 128, 4096, 1, end}).time.value;
  }
  EXPECT_NEAR(whole / chunks, 1, 0.05);
}

TEST(ServingKernelPrice, WhatNobodyMeasuredHasAReason) {
  const MeasurementStore& store = shipped_prices().tables;
  EXPECT_EQ(unpriced_reason(store, v3_on_h200()), std::nullopt);
  EXPECT_EQ(unpriced_reason(store, deployment("deepseek-v3/serve-a100-int8")),
            "no INT8 kernels were measured");
  EXPECT_EQ(unpriced_reason(store, deployment("deepseek-v3/serve-a100-int4")),
            "no INT4 kernels were measured");
  EXPECT_EQ(unpriced_reason(store, deployment("deepseek-vl2/serve-small")),
            "no kernels were measured on NVIDIA A100 SXM4 40 GB");
  ServingScenario sparse = v3_on_h200();
  sparse.model = shipped("deepseek-v3.2");
  EXPECT_EQ(unpriced_reason(store, sparse),
            "no sparse attention was measured on NVIDIA H200 SXM 141 GB");
}

TEST(ServingKernelPrice, TransfersAreNoComputeKernels) {
  EXPECT_THROW(price_in(v3_on_h200(), GroupCollective{CollectiveKind::kAllReduce, 8, 1024}),
               std::invalid_argument);
  EXPECT_THROW(price_in(v3_on_h200(), ExpertTransfer{}), std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel
