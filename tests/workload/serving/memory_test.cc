#include "simulator/workload/serving/memory.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "simulator/model/parameters.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

UnitMemory memory_of(const ServingScenario& scenario) { return serving_memory(scenario).front(); }

// arXiv 2505.09343, table 1: 70.272 KB of V3, the same on every GPU of a group; key heads are
// divided until one is left.
TEST(CacheBytes, OfLatentsAreWholeAndOfHeadsDivided) {
  ServingScenario v3 = v3_on_h200();
  EXPECT_EQ(cache_bytes_per_token(v3, v3.unit).value, 70272);
  v3.mtp.depth = 1;
  EXPECT_EQ(cache_bytes_per_token(v3, v3.unit).value, 70272 + 2 * 576);
  v3.cache = CacheFormat::kFp8;
  EXPECT_EQ(cache_bytes_per_token(v3, v3.unit).value, 62 * 576);
  const ServingScenario sparse = deployment("deepseek-v3.2/serve-long");
  EXPECT_EQ(cache_bytes_per_token(sparse, sparse.unit).value, 61 * (576 + 128));
  ServingScenario llama = deployment("r1-distill/serve-llama-70b");
  EXPECT_EQ(cache_bytes_per_token(llama, llama.unit).value, 327680 / 4);
  llama.unit.tensor = llama.unit.gpus = 16;
  EXPECT_EQ(cache_bytes_per_token(llama, llama.unit).value, 327680 / 8);
}

TEST(ServingMemory, PartsAddUpAndTheRestIsCache) {
  for (const char* name : {"deepseek-v3/serve-h200", "deepseek-vl2/serve-tiny",
                           "r1-distill/serve-qwen-32b", "deepseek-v3/serve-units"}) {
    const ServingScenario scenario = deployment(name);
    for (const UnitMemory& unit : serving_memory(scenario)) {
      EXPECT_NEAR(all_bytes(unit.parts), unit.total.value, 1) << name;
      EXPECT_LE(unit.low, unit.total) << name;
      EXPECT_GE(unit.high, unit.total) << name;
      EXPECT_EQ(unit.fits, unit.total <= unit.capacity) << name;
      const double others = unit.total.value - part_bytes(unit.parts, "KV cache");
      const double full = others + unit.max_tokens * unit.cache_per_token.value;
      EXPECT_LE(full, unit.capacity.value);
      EXPECT_GT(full + unit.cache_per_token.value, unit.capacity.value);
    }
  }
}

// 64 requests of 2048 + 512 tokens.
TEST(ServingMemory, TheCacheHoldsWhatIsAskedFor) {
  EXPECT_EQ(part_bytes(memory_of(v3_on_h200()).parts, "KV cache"), 64 * 2560 * 70272.0);
  const ServingScenario units = v3_units();
  const auto memory = serving_memory(units);
  EXPECT_EQ(part_bytes(memory[0].parts, "KV cache"), 128 * 4608 * 62 * 576.0);
  EXPECT_EQ(part_bytes(memory[1].parts, "KV cache"), 16384 * 62 * 576.0);
}

// Only the assumptions' ranges are in it: 1.5 to 5 GB reserved and 0.36 to 1 GB of buffers here.
TEST(ServingMemory, ItsRangeIsThatOfTheAssumptions) {
  ServingScenario scenario = v3_on_h200();
  scenario.assumptions.fragmentation = {0.1, 0.1, 0.1, ""};
  const UnitMemory unit = memory_of(scenario);
  EXPECT_NEAR((unit.high - unit.total).value, std::hypot(1.24e9, 0.59e9), 1e3);
  EXPECT_NEAR((unit.total - unit.low).value, std::hypot(2.26e9, 0.05e9), 1e3);
}

TEST(ServingMemory, WhatDoesNotFitSaysSo) {
  const ServingScenario scenario = v3_on_h200({{"batching.requests", "1000"}});
  const UnitMemory unit = memory_of(scenario);
  EXPECT_FALSE(unit.fits);
  EXPECT_GT(unit.max_tokens, 0);
  const ServingScenario none =
      v3_on_h200({{"unit.gpus", "1"}, {"unit.tensor", "1"}, {"unit.expert", "1"}});
  EXPECT_EQ(memory_of(none).max_tokens, 0);
}

// SGLang's documentation lists 8 H200 and 16 H100 in FP8, 32 A100 in BF16, 16 A100 and 32 L40S in
// INT8, 8 A100 in 4 bits, and nothing smaller.
TEST(FewestGpus, OfV3AreThoseThatItIsSaidToRunOn) {
  EXPECT_EQ(fewest_gpus(v3_on_h200(), v3_on_h200().cluster.gpu), 8);
  for (const auto& [name, gpus] : {std::pair("serve-h100", 16),
                                   {"serve-a800-bf16", 32},
                                   {"serve-a100-int8", 16},
                                   {"serve-l40s-int8", 32},
                                   {"serve-a100-int4", 8}}) {
    const ServingScenario scenario = deployment(std::string("deepseek-v3/") + name);
    EXPECT_EQ(fewest_gpus(scenario, scenario.cluster.gpu), gpus) << name;
  }
}

TEST(FewestGpus, HeadsThatCannotBeDividedLimitThem) {
  ServingScenario scenario = v3_on_h200();
  Gpu tiny = scenario.cluster.gpu;
  tiny.memory = {1e9};
  EXPECT_EQ(fewest_gpus(scenario, tiny), std::nullopt);
}

RC_GTEST_PROP(ServingMemory, MoreOfAnythingTakesMore, ()) {
  const int requests = *rc::gen::inRange(1, 200);
  const int chunk = *rc::gen::inRange(1, 20000);
  const int prompt = *rc::gen::inRange(1, 20000);
  static const ServingScenario shipped_one = deployment("deepseek-vl2/serve-small");
  ServingScenario scenario = shipped_one;
  scenario.batching = {requests, chunk};
  scenario.requests.prompt.mean = prompt;
  const Bytes total = memory_of(scenario).total;
  ServingScenario more = scenario;
  ++more.batching.requests;
  RC_ASSERT(memory_of(more).total > total);
  more = scenario;
  ++more.batching.chunk;
  RC_ASSERT(memory_of(more).total >= total);
  more = scenario;
  ++more.requests.prompt.mean;
  RC_ASSERT(memory_of(more).total > total);
}

}  // namespace
}  // namespace windtunnel
