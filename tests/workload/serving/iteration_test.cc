#include "simulator/workload/serving/iteration.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/base/message.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

ServingRows decoding(std::int64_t requests, std::int64_t context, std::int64_t queries = 1) {
  return {.prompt_tokens = 0,
          .prompts = 0,
          .cached = 0,
          .requests = requests,
          .queries = queries,
          .context = context,
          .tiles = 0};
}

ServingRows prefilling(std::int64_t tokens, std::int64_t prompts) {
  return {.prompt_tokens = tokens,
          .prompts = prompts,
          .cached = 0,
          .requests = 0,
          .queries = 1,
          .context = 0,
          .tiles = 0};
}

TEST(ServingIteration, OfOneStreamIsTheSumOfItsTerms) {
  const ServingScenario scenario = v3_on_h200();
  ServingPrices prices(shipped_prices(), scenario);
  const Iteration iteration = run_iteration(prices, scenario, scenario.unit, decoding(64, 2304));
  double sum = 0;
  for (const IterationTerm& term :
       iteration_terms(prices, scenario, scenario.unit, decoding(64, 2304))) {
    sum += term.launches * (term.each.time.value + scenario.assumptions.launch_gap.value.value);
  }
  EXPECT_NEAR(iteration.time.value, sum, 1e-9);
  EXPECT_EQ(iteration.transfers.value, 0);
  EXPECT_EQ(hidden_share(iteration), 1);
}

// With transfers in between the streams overlap: never faster than the busier of them, never slower
// than one after the other; a second micro-batch hides some of the transfers.
TEST(ServingIteration, TwoMicroBatchesHideTransfers) {
  const ServingScenario scenario = v3_units();
  ServingPrices prices(shipped_prices(), scenario);
  for (const ServingUnit& unit : {scenario.unit, *scenario.prefill_unit}) {
    const ServingRows rows = unit.gpus == 320 ? decoding(128, 4352, 2) : prefilling(16384, 4);
    const Iteration two = run_iteration(prices, scenario, unit, rows);
    EXPECT_GE(two.time.value, std::max(two.compute.value, two.transfers.value) - 1e-9);
    EXPECT_LE(two.time.value, (two.compute + two.transfers).value + 1e-9);
    EXPECT_GT(hidden_share(two), 0.5);
    ServingUnit alone = unit;
    alone.micro_batches = 1;
    const Iteration one = run_iteration(prices, scenario, alone, rows);
    EXPECT_NEAR(one.time.value, (one.compute + one.transfers).value, 1e-9);
    EXPECT_NEAR(hidden_share(one), 0, 1e-6);
  }
}

// The fullest rank receives as many more rows as it computes: one draw's times what popularity
// adds. Collectives of tensor ranks move as much as ever.
TEST(ServingIteration, ExpertTransfersWaitForTheFullestRank) {
  ServingScenario scenario = v3_units();
  scenario.assumptions.expert_load.value = 1.2;
  scenario.unit.skew.placed = 1.5;
  ServingPrices prices(shipped_prices(), scenario);
  int transfers = 0;
  for (const IterationTerm& term :
       iteration_terms(prices, scenario, scenario.unit, decoding(128, 4352, 2))) {
    if (!term.transfer) continue;
    const bool of_experts = term.kernel.find("dispatch") != std::string::npos ||
                            term.kernel.find("combine") != std::string::npos;
    EXPECT_DOUBLE_EQ(term.stretched, of_experts ? 1.2 * 1.5 : 1) << term.kernel;
    transfers += of_experts ? 1 : 0;
  }
  EXPECT_GT(transfers, 0);
}

TEST(ServingIteration, TransfersOfPromptsHoldSms) {
  const ServingScenario scenario = v3_units();
  EXPECT_DOUBLE_EQ(compute_stretch(scenario, *scenario.prefill_unit, true), 132.0 / 108);
  EXPECT_EQ(compute_stretch(scenario, scenario.unit, false), 1);
  ServingUnit alone = *scenario.prefill_unit;
  alone.micro_batches = 1;
  EXPECT_EQ(compute_stretch(scenario, alone, true), 1);
}

TEST(ServingIteration, GrowsWithBatchAndContext) {
  const ServingScenario scenario = v3_on_h200();
  ServingPrices prices(shipped_prices(), scenario);
  const auto time = [&](std::int64_t requests, std::int64_t context) {
    return run_iteration(prices, scenario, scenario.unit, decoding(requests, context)).time;
  };
  EXPECT_LT(time(1, 2048), time(64, 2048));
  EXPECT_LT(time(64, 2048), time(64, 8192));
}

TEST(ServingIteration, EachFamilyOfPricesHasTwoEnds) {
  const ServingScenario scenario = v3_units();
  ServingPrices prices(shipped_prices(), scenario);
  const ServingRows rows = decoding(128, 4352, 2);
  const Seconds time = run_iteration(prices, scenario, scenario.unit, rows).time;
  bool moved = false;
  for (std::size_t family = 0; family < kPriceFamilies.size(); ++family) {
    const Seconds low = run_iteration(prices, scenario, scenario.unit, rows, {family, false}).time;
    const Seconds high = run_iteration(prices, scenario, scenario.unit, rows, {family, true}).time;
    EXPECT_LE(low, time) << kPriceFamilies[family];
    EXPECT_GE(high, time) << kPriceFamilies[family];
    moved = moved || high > time;
  }
  EXPECT_TRUE(moved);
}

TEST(ServingIteration, LongerThanTheClockIsRefused) {
  const ServingScenario scenario = v3_on_h200();
  ServingPrices prices(shipped_prices(), scenario);
  const std::string message = message_of([&] {
    run_iteration(prices, scenario, scenario.unit, prefilling(std::int64_t{1} << 34, 1));
  });
  EXPECT_NE(message.find("an iteration takes days"), std::string::npos) << message;
}

TEST(ServingIteration, ItsDivisionIsTheUnits) {
  const ServingScenario scenario = v3_units();
  const ServingDivision division = division_of(scenario, scenario.unit);
  EXPECT_EQ(division.tensor, 4);
  EXPECT_EQ(division.groups, 80);
  EXPECT_EQ(division.expert, 320);
  EXPECT_TRUE(division.shared_routed);
  EXPECT_TRUE(division.fp8);
  EXPECT_EQ(division.load, 1.1);
  EXPECT_EQ(division.drafts, 1);
}

}  // namespace
}  // namespace windtunnel
