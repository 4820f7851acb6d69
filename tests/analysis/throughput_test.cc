#include "simulator/analysis/throughput.h"

#include <gtest/gtest.h>

#include "simulator/model/parameters.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

// 15 360 x 4096 tokens in 16 s are 3 932 160 a second, 1920 on each of 2048 GPUs.
TEST(Throughput, OfAStepIsItsTokensOverItsTime) {
  const Scenario scenario = pretraining();
  const Throughput all = throughput(scenario, {16});
  EXPECT_DOUBLE_EQ(all.tokens_per_s_per_gpu, 1920);
  EXPECT_DOUBLE_EQ(all.tokens_per_day, 3'932'160.0 * 86400);
  const TokenFlops flops = training_flops_per_token(scenario.model, 4096);
  EXPECT_DOUBLE_EQ(all.tflops_per_gpu.causal, 1920 * flops.causal.value / 1e12);
  EXPECT_DOUBLE_EQ(all.tflops_per_gpu.noncausal, 1920 * flops.full.value / 1e12);
  // Against the BF16 peak although the linear layers run in FP8.
  EXPECT_DOUBLE_EQ(all.mfu.causal, 1920 * flops.causal.value / 989.4e12);
  EXPECT_GT(all.mfu.noncausal, all.mfu.causal);
}

TEST(Throughput, HalvesWhenTheStepTakesTwiceAsLong) {
  const Scenario scenario = pretraining();
  EXPECT_DOUBLE_EQ(throughput(scenario, {32}).mfu.causal,
                   throughput(scenario, {16}).mfu.causal / 2);
}

// 64 GPUs push one chunk forward and another backward: as much as one chunk both ways, 64 x 4096
// tokens through four layers.
TEST(Throughput, OfAPairIsOneChunkThroughItsLayers) {
  const Scenario scenario = pair_of_layers();
  const Throughput pair = throughput(scenario, {0.5});
  EXPECT_DOUBLE_EQ(pair.tokens_per_s_per_gpu, 8192);
  Architecture part = scenario.model;
  part.layers.assign(4, scenario.model.layers.back());
  part.vocabulary = 0;
  EXPECT_DOUBLE_EQ(pair.tflops_per_gpu.causal,
                   8192 * training_flops_per_token(part, 4096).causal.value / 1e12);
}

}  // namespace
}  // namespace windtunnel
