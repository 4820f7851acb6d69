#include "simulator/workload/serving/checks.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

std::string of_h200(const std::vector<Override>& overrides) {
  return refused("deepseek-v3/serve-h200", overrides);
}
std::string of_units(const std::vector<Override>& overrides) {
  return refused("deepseek-v3/serve-units", overrides);
}
std::string of_qwen(const std::vector<Override>& overrides) {
  return refused("r1-distill/serve-qwen-1.5b", overrides);
}

TEST(ServingChecks, DegreesThatDoNotDivideNameTheNearest) {
  EXPECT_EQ(of_h200({{"unit.tensor", "3"}}),
            "8 GPUs do not divide into groups of 3 | such as 2 or 4\n");
  EXPECT_EQ(of_h200({{"unit.expert", "3"}}),
            "3 expert ranks do not divide 8 GPUs | a divisor such as 2 or 4\n");
  EXPECT_EQ(of_units({{"unit.redundant_experts", "10"}}),
            "256 experts and 10 copies cannot be divided over 320 ranks | such as 64\n");
  EXPECT_EQ(of_h200({{"unit.expert", "2"}, {"unit.redundant_experts", "258"}}),
            "2 expert ranks with all 256 experts hold fewer copies | up to 256\n");
  EXPECT_EQ(of_units({{"unit.expert", "64"}}),
            "several attention groups share the experts of all GPUs | 320\n");
  EXPECT_EQ(of_qwen({{"unit.gpus", "8"}, {"unit.tensor", "8"}}),
            "12 heads cannot be divided over 8 GPUs | such as 4\n");
  EXPECT_EQ(of_qwen({{"unit.gpus", "6"}, {"unit.tensor", "3"}}),
            "2 key heads cannot be divided over 3 GPUs | such as 2 or 6\n");
  EXPECT_EQ(refused("r1-distill/serve-llama-70b", {{"unit.gpus", "3"}, {"unit.tensor", "1"}}),
            "attention groups of a dense model share nothing: they are units of their own | 3, or "
            "unit.gpus = 1 and a larger unit.count\n");
}

// Their feed-forward has two matrices and a bias, which an iteration would price as SwiGLU's three.
TEST(ServingChecks, GptIsOnlyTrained) {
  EXPECT_EQ(of_qwen({{"model", "scenarios/models/gpt2-xl.toml"}}),
            "GPT-2 XL is not served here: GPT's layers are only trained | a model with RMS norms, "
            "rotated positions and SwiGLU, without biases of outputs\n");
}

TEST(ServingChecks, UnitsFillTheClusterAtMost) {
  EXPECT_EQ(of_h200({{"unit.count", "2"}}), "16 GPUs in all, the cluster has 8 | at most 8\n");
  EXPECT_EQ(of_units({{"unit.count", "65536"}}),
            "20971840 GPUs in all, the cluster has 2048 | at most 2048\n");
}

TEST(ServingChecks, WhatTheModelLacksIsNotDivided) {
  EXPECT_EQ(of_qwen({{"unit.redundant_experts", "4"}}),
            "DeepSeek-R1-Distill-Qwen-1.5B has no experts to copy | 0\n");
  EXPECT_EQ(of_qwen({{"mtp.depth", "1"}}),
            "DeepSeek-R1-Distill-Qwen-1.5B has 0 prediction modules | at most 0\n");
  EXPECT_EQ(of_h200({{"memory.image_tiles", "1"}}), "DeepSeek-V3 sees no images | 0\n");
  EXPECT_EQ(of_h200({{"unit.micro_batches", "2"}}),
            "one attention group dispatches nothing to hide | 1\n");
  EXPECT_EQ(of_h200({{"unit.shared_routed", "true"}}),
            "a shared expert is dispatched to only among copies, by several attention groups | "
            "false\n");
}

TEST(ServingChecks, Fp8NeedsAGpuThatHasIt) {
  EXPECT_EQ(of_qwen({{"precision.weights", "fp8"}}),
            "NVIDIA A100 SXM4 80 GB has no FP8 tensor cores | \"bf16\", \"int8\" or \"int4\"\n");
  EXPECT_EQ(of_qwen({{"precision.cache", "fp8"}}),
            "NVIDIA A100 SXM4 80 GB has no FP8 tensor cores | \"bf16\"\n");
}

TEST(ServingChecks, MoreThanCanBeSimulatedIsRefused) {
  EXPECT_EQ(of_h200({{"requests.count", "10000000"}, {"batching.chunk", "1"}}),
            "10000000 requests of 2049 chunks each are too many | at most 48804, or a larger "
            "batching.chunk\n");
  EXPECT_EQ(of_h200({{"communication.sms", "132"}}),
            "leaves no SM of NVIDIA H200 SXM 141 GB for compute | fewer than 132\n");
}

TEST(ServingChecks, EveryNicWorks) {
  ServingScenario scenario = v3_on_h200({});
  const Node nothing{.value = Table{}, .source = {}};
  EXPECT_NO_THROW(check_serving(nothing, scenario));
  scenario.cluster.failed_nics = {1};
  EXPECT_THROW(check_serving(nothing, scenario), ConfigError);
  const std::string set = message_of([] { v3_units({{"cluster.failed_nics", "[5]"}}); });
  EXPECT_NE(set.find("| failed_nics = [5]\n"), std::string::npos) << set;
  EXPECT_NE(set.find("accepted: a cluster without failed_nics"), std::string::npos) << set;
}

TEST(ServingChecks, ARangeHoldsItsValue) {
  EXPECT_EQ(of_h200({{"assumptions.expert_load.low", "2.0"}}),
            "the range ends below its start | low <= high\n");
  const ServingScenario scenario = v3_on_h200({{"assumptions.expert_load.value", "3"}});
  EXPECT_EQ(scenario.assumptions.expert_load.high, 3);
  EXPECT_EQ(scenario.assumptions.expert_load.low, 1);
}

}  // namespace
}  // namespace windtunnel
