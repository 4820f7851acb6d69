#include "simulator/study/serving_load.h"

#include <gtest/gtest.h>

#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

QueueProjection loaded(const ServingScenario& scenario) {
  ServingPrices prices(shipped_prices(), scenario);
  return serving_load(prices, scenario, serving_memory(scenario), serving_requests(scenario));
}

ServingScenario calm(double interval_s) {
  ServingScenario scenario = qwen_on_a100();
  scenario.requests.count = 400;
  scenario.requests.interval = {interval_s};
  scenario.requests.prompt = {512, 0};
  scenario.requests.output = {256, 0};
  return scenario;
}

// Below its capacity a unit answers what comes; far above it, what it can.
TEST(ServingLoad, AnswersWhatComesUpToItsCapacity) {
  const QueueProjection slow = loaded(calm(5));
  EXPECT_NEAR(slow.requests_per_s, 0.2, 0.04);
  EXPECT_LT(slow.queue_mean, 0.01);
  EXPECT_LT(slow.busy_fraction, 0.5);
  const QueueProjection fast = loaded(calm(0.001));
  const QueueProjection faster = loaded(calm(0.0001));
  EXPECT_NEAR(fast.requests_per_s / faster.requests_per_s, 1, 0.02);
  EXPECT_GT(fast.requests_per_s, 5 * slow.requests_per_s);
  EXPECT_NEAR(fast.busy_fraction, 1, 1e-6);
  EXPECT_GT(faster.queue_mean, 10);
  EXPECT_GT(faster.ttft_s.p99, 10 * slow.ttft_s.p99);
  EXPECT_GE(faster.tpot_s.p50, slow.tpot_s.p50);
}

TEST(ServingLoad, PercentilesAreInOrder) {
  const QueueProjection queue = loaded(v3_on_h200({{"requests.count", "300"}}));
  for (const Percentiles& it : {queue.ttft_s, queue.tpot_s}) {
    EXPECT_LE(it.p50, it.p90);
    EXPECT_LE(it.p90, it.p99);
    EXPECT_GT(it.mean, 0);
  }
  EXPECT_EQ(queue.requests, 300);
  EXPECT_EQ(queue.refused, 0);
  EXPECT_LE(queue.cache_tokens_mean, queue.cache_tokens_peak);
}

// Nobody waits for another: an answer's tokens take twice as long where iterations do.
TEST(ServingLoad, SlowerIterationsShowInEveryPercentile) {
  const ServingScenario scenario = calm(60);
  ServingPrices prices(shipped_prices(), scenario);
  const auto loads = serving_loads(prices, scenario, serving_memory(scenario),
                                   serving_requests(scenario), {{1, 1}, {2, 2}, {1, 1}});
  ASSERT_EQ(loads.size(), 3u);
  EXPECT_NEAR(loads[1].tpot_s.p50 / loads[0].tpot_s.p50, 2, 1e-9);
  EXPECT_NEAR(loads[1].ttft_s.p50 / loads[0].ttft_s.p50, 2, 1e-9);
  EXPECT_EQ(loads[2].tpot_s.p99, loads[0].tpot_s.p99);
}

TEST(ServingLoad, ASecondUnitTakesHalf) {
  ServingScenario scenario = calm(0.0001);
  scenario.requests.count = 4000;
  scenario.requests.output.spread = 0.5;  // answers of one length would come in waves
  const double one = loaded(scenario).requests_per_s;
  scenario.unit.count = 2;
  EXPECT_NEAR(loaded(scenario).requests_per_s / one, 2, 0.1);
}

TEST(ServingLoad, WhatNoCacheHoldsIsRefused) {
  ServingScenario scenario = calm(1);
  ServingPrices prices(shipped_prices(), scenario);
  std::vector<UnitMemory> memory = serving_memory(scenario);
  memory.front().max_tokens = 700;
  const QueueProjection queue =
      serving_load(prices, scenario, memory, {{0, 512, 100}, {1, 512, 256}, {2, 10, 1}});
  EXPECT_EQ(queue.requests, 2);
  EXPECT_EQ(queue.refused, 1);
}

// A prompt's latents, 62 layers of 576 bytes a token, over the NICs of its four GPUs.
TEST(ServingLoad, TheCacheTravelsOverTheGroupsNics) {
  const ServingScenario scenario = v3_units();
  EXPECT_NEAR(handover_seconds(scenario, 4096), 3.7e-6 + 4096.0 * 62 * 576 / 4 / 40e9, 1e-12);
}

TEST(ServingLoad, UnitsForPromptsSpareTheOthers) {
  ServingScenario scenario = v3_units({{"requests.count", "2000"}});
  const QueueProjection queue = loaded(scenario);
  EXPECT_EQ(queue.requests, 2000);
  // No prompt stands between two tokens: they come as fast as a step of a batch.
  EXPECT_LT(queue.tpot_s.p99 / queue.tpot_s.p50, 1.3);
}

TEST(ServingLoad, IsTheSameEachTime) {
  const ServingScenario scenario = calm(0.05);
  const QueueProjection a = loaded(scenario), b = loaded(scenario);
  EXPECT_EQ(a.ttft_s.mean, b.ttft_s.mean);
  EXPECT_EQ(a.tpot_s.p99, b.tpot_s.p99);
  EXPECT_EQ(a.cache_tokens_mean, b.cache_tokens_mean);
}

}  // namespace
}  // namespace windtunnel
