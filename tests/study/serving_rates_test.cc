#include "simulator/study/serving_rates.h"

#include <gtest/gtest.h>

#include "simulator/analysis/iteration_timeline.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

RatesAndEffects rates_of(const ServingScenario& scenario, double max_tokens = 1e9) {
  ServingPrices prices(shipped_prices(), scenario);
  return serving_rates(prices, scenario, max_tokens);
}

void expect_interval(const Interval& interval) {
  EXPECT_LT(interval.low, interval.value);
  EXPECT_GT(interval.high, interval.value);
  EXPECT_GT(interval.low, 0);
}

// 10 000 tokens hold three requests of 2048 + 512.
TEST(OperatingPoint, IsAsManyRequestsAsFit) {
  const ServingScenario scenario = v3_on_h200();
  EXPECT_EQ(operating_point(scenario, 1e9).requests, 64);
  EXPECT_EQ(operating_point(scenario, 10000).requests, 3);
  EXPECT_EQ(operating_point(scenario, 2559).requests, 0);
  EXPECT_EQ(operating_point(scenario, 1e9).context, 2048 + 256);
}

// 2048 tokens, a quarter of them cached: 1536 to compute, in two chunks of 768 that lie after 512
// and 1280; or both prompts' in one chunk.
TEST(OperatingPoint, APromptIsCutIntoEqualChunks) {
  ServingScenario scenario = v3_on_h200();
  scenario.assumptions.prefix_hits.value = 0.25;
  scenario.batching.chunk = 1000;
  const OperatingPoint point = operating_point(scenario, 1e9);
  EXPECT_EQ(point.chunks, 2);
  EXPECT_EQ(point.chunk_tokens, 768);
  EXPECT_EQ(point.chunk_cached, 512 + 384);
  EXPECT_EQ(point.chunk_prompts, 1);
  scenario.batching.chunk = 4000;
  EXPECT_EQ(operating_point(scenario, 1e9).chunk_prompts, 2);
}

TEST(ServingRates, AreTokensOverTheIterationsTime) {
  const ServingScenario scenario = v3_on_h200();
  ServingPrices prices(shipped_prices(), scenario);
  const auto iterations = reference_iterations(prices, scenario, 1e9);
  const ServingRates rates = rates_of(scenario).rates;
  EXPECT_NEAR(rates.prefill_tokens_per_s_per_gpu.value, 4096 / iterations[0].time.value / 8, 1e-6);
  EXPECT_NEAR(rates.decode_tokens_per_s_per_gpu.value, 64 / iterations[1].time.value / 8, 1e-6);
  EXPECT_NEAR(rates.tpot_s.value, iterations[1].time.value, 1e-12);
  EXPECT_NEAR(rates.usd_per_million_output_tokens.value,
              2.0 / 3600 / rates.decode_tokens_per_s_per_gpu.value * 1e6, 1e-9);
  for (const Interval& it : {rates.prefill_tokens_per_s_per_gpu, rates.decode_tokens_per_s_per_gpu,
                             rates.ttft_s, rates.tpot_s, rates.usd_per_million_prompt_tokens}) {
    expect_interval(it);
  }
  EXPECT_EQ(rates.mtp_speedup.value, 1);
}

// An accepted draft is a token more for less than an iteration more.
TEST(ServingRates, DraftsAreWorthTheirAcceptance) {
  ServingScenario scenario = v3_units();
  const ServingRates rates = rates_of(scenario).rates;
  EXPECT_GT(rates.mtp_speedup.value, 1);
  EXPECT_LT(rates.mtp_speedup.value, 1.85);
  expect_interval(rates.mtp_speedup);
  scenario.assumptions.mtp_acceptance = {0, 0, 0, ""};
  EXPECT_LT(rates_of(scenario).rates.mtp_speedup.value, 1);
}

TEST(ServingRates, EachAssumptionSaysWhatItCouldChange) {
  const RatesAndEffects found = rates_of(v3_units());
  std::vector<std::string> names;
  for (const ServingEffect& it : found.effects) names.push_back(it.what);
  EXPECT_EQ(names, (std::vector<std::string>{"mtp_acceptance", "expert_load", "prefix_hits",
                                             "launch_gap", "iteration_gap"}));
  for (const ServingEffect& it : found.effects) {
    EXPECT_LE(it.tpot_s.low, found.rates.tpot_s.value);
    EXPECT_GE(it.tpot_s.high, found.rates.tpot_s.value);
  }
  EXPECT_EQ(found.effects[3].range, "0 us to 2 us");
  EXPECT_LT(found.effects[3].tpot_s.low, found.effects[3].tpot_s.high);
}

TEST(ServingRates, CachedPrefixesAnswerMorePrompts) {
  ServingScenario scenario = v3_on_h200();
  const double none = rates_of(scenario).rates.prefill_tokens_per_s_per_gpu.value;
  scenario.assumptions.prefix_hits = {0.5, 0.5, 0.5, ""};
  EXPECT_GT(rates_of(scenario).rates.prefill_tokens_per_s_per_gpu.value, 1.5 * none);
}

TEST(ReferenceIterations, SayWhatTheyHold) {
  const ServingScenario scenario = v3_units();
  ServingPrices prices(shipped_prices(), scenario);
  const auto iterations = reference_iterations(prices, scenario, 1e9);
  ASSERT_EQ(iterations.size(), 2U);
  EXPECT_EQ(iterations[0].name, "prefill");
  EXPECT_EQ(iterations[0].prompt_tokens, 16384);
  EXPECT_EQ(iterations[1].requests, 128);
  EXPECT_EQ(iterations[1].context, 4096 + 256);
  EXPECT_GT(iterations[1].hidden_fraction, 0.5);
  EXPECT_FALSE(iterations[1].terms.empty());
}

// The page's timeline is what the projection's own simulation of the iteration did.
TEST(ReferenceIterations, TheirTimelineEndsWhenTheyDo) {
  for (const ServingScenario& scenario : {v3_units(), v3_on_h200()}) {
    ServingPrices prices(shipped_prices(), scenario);
    for (const IterationProjection& it : reference_iterations(prices, scenario, 1e9)) {
      const Seconds gap = scenario.assumptions.iteration_gap.value;
      EXPECT_NEAR((iteration_timeline(it).end + gap).value, it.time.value, 2e-9) << it.name;
    }
  }
}

}  // namespace
}  // namespace windtunnel
