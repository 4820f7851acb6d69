#include "simulator/workload/serving/unit_skew.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "simulator/workload/serving/iteration.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

const Override kPopularExperts{"skew.routing.zipf",
                               "{value = 0.3, low = 0.1, high = 0.5, why = \"a question\"}"};

/// The report's units with decoding on 256 GPUs, an expert each, and no copies anywhere.
ServingScenario without_copies(std::vector<Override> more) {
  const std::vector<Override> plain{{"unit.gpus", "256"},
                                    {"unit.expert", "256"},
                                    {"unit.redundant_experts", "0"},
                                    {"unit.shared_routed", "false"},
                                    {"prefill_unit.redundant_experts", "0"}};
  more.insert(more.begin(), plain.begin(), plain.end());
  return v3_units(more);
}

std::string message(const std::vector<Override>& overrides) {
  return refused("deepseek-v3/serve-units", overrides);
}

// With an expert a GPU the fullest has the most popular one: 256 / sum of k^-0.3 times the mean.
TEST(UnitSkew, AnExpertAGpuIsAsFullAsItIsPopular) {
  const ServingScenario scenario = without_copies({kPopularExperts});
  double sum = 0;
  for (int k = 1; k <= 256; ++k) sum += std::pow(k, -0.3);
  EXPECT_NEAR(scenario.unit.skew.placed, 256 / sum, 1e-9);
  EXPECT_EQ(scenario.unit.skew.plain, scenario.unit.skew.placed);
  // Eight experts of a GPU even out, and are never less than their mean.
  EXPECT_LT(scenario.prefill_unit->skew.placed, scenario.unit.skew.placed);
  EXPECT_GT(scenario.prefill_unit->skew.placed, 1);
}

// Without popular ones, 256 routed experts and a shared one that 8 of 256 x 32 rows go to lie in
// 320 places: a routed expert alone in its place has 1 / (288 / 320) of the mean.
TEST(UnitSkew, CopiesOfASharedExpertArePlacedWithTheOthers) {
  const ServingScenario scenario =
      v3_units({{"skew.routing.zipf", "{value = 0, low = 0, high = 0, why = \"none\"}"},
                {"skew.eplb.policy", "global"}});
  EXPECT_NEAR(scenario.unit.skew.placed, 320.0 / 288, 1e-9);
  EXPECT_FALSE(scenario.unit.skew.plain.has_value());
}

TEST(UnitSkew, TheBalancerEvensOutWhatItsCopiesAllow) {
  const ServingScenario scenario = v3_units({kPopularExperts, {"skew.eplb.policy", "global"}});
  const UnitSkew& prefill = scenario.prefill_unit->skew;
  ASSERT_TRUE(prefill.plain.has_value());
  EXPECT_GT(*prefill.plain, 1.2);
  EXPECT_LT(prefill.placed, 1.05);
  EXPECT_GE(prefill.placed, 1);
}

TEST(UnitSkew, LoadsOfAFileAreTakenAsTheyAre) {
  const TemporaryFolder folder;
  std::string rows = "layer,expert,load\n";
  for (int layer = 3; layer < 62; ++layer) {
    for (int expert = 0; expert < 256; ++expert) {
      rows += fmt::format("{},{},{}\n", layer, expert, expert == 17 ? 3 : 1);
    }
  }
  const auto file = folder.write("loads.csv", rows);
  const ServingScenario scenario =
      without_copies({{"skew.routing.loads", "\"" + file.string() + "\""}});
  EXPECT_NEAR(scenario.unit.skew.placed, 3 * 256.0 / 258, 1e-9);
  EXPECT_NEAR(scenario.prefill_unit->skew.placed, 10 * 32.0 / 258, 1e-9);
  EXPECT_EQ(scenario.files.back().filename(), "loads.csv");
}

// A straggler's kernels take 5 % longer, transfers and idle gaps do not.
TEST(UnitSkew, AStragglerKeepsItsUnitWaiting) {
  const ServingScenario even = v3_units();
  const ServingScenario slow = v3_units({{"skew.speed.stragglers", "[{rank = 3, factor = 1.05}]"}});
  EXPECT_EQ(slow.unit.skew.slowest, 1.05);
  EXPECT_EQ(slow.prefill_unit->skew.slowest, 1);
  const ServingRows rows{.prompt_tokens = 0,
                         .prompts = 0,
                         .cached = 0,
                         .requests = 128,
                         .queries = 2,
                         .context = 4352,
                         .tiles = 0};
  ServingPrices prices(shipped_prices(), even);
  const Iteration before = run_iteration(prices, even, even.unit, rows);
  const Iteration after = run_iteration(prices, slow, slow.unit, rows);
  double kernels = 0;
  for (const IterationTerm& term : iteration_terms(prices, even, even.unit, rows)) {
    if (!term.transfer) kernels += term.launches * term.each.time.value;
  }
  EXPECT_NEAR((after.compute - before.compute).value, 0.05 * kernels, 1e-9);
  EXPECT_EQ(after.transfers, before.transfers);
  EXPECT_GT(after.time, before.time);
}

TEST(UnitSkew, PopularExpertsSlowProductsAndTransfers) {
  const Override no_gaps{"assumptions.launch_gap.value", "0 us"};
  const ServingScenario even = without_copies({no_gaps});
  const ServingScenario hot = without_copies({no_gaps, kPopularExperts});
  const ServingRows rows{.prompt_tokens = 16384,
                         .prompts = 4,
                         .cached = 0,
                         .requests = 0,
                         .queries = 1,
                         .context = 0,
                         .tiles = 0};
  ServingPrices prices(shipped_prices(), even);
  const Iteration before = run_iteration(prices, even, *even.prefill_unit, rows);
  const Iteration after = run_iteration(prices, hot, *hot.prefill_unit, rows);
  const double load = hot.prefill_unit->skew.placed;
  EXPECT_NEAR(after.transfers / before.transfers, load, 1e-9);
  EXPECT_GT(after.compute, before.compute);
  EXPECT_LT(after.compute / before.compute, load);
}

TEST(UnitSkew, WhatADeploymentHasNoUseForIsRefused) {
  const std::string alike =
      "the units of a deployment are simulated alike, each iteration once | a skew.routing, "
      "skew.eplb or skew.speed.stragglers\n";
  const std::string drawn = "{value = 0.1, low = 0.1, high = 0.1, why = \"w\"}";
  EXPECT_EQ(message({{"skew.jitter", drawn}}), alike);
  EXPECT_EQ(message({{"skew.speed.deviation", drawn}}), alike);
  EXPECT_EQ(message({{"skew.speed.stragglers", "[{rank = 330, factor = 2}]"}}),
            "GPU 330 is in one of 10 units, which are simulated alike | a GPU of a unit that is "
            "the only one of its kind, or prefill_unit.count = 1\n");
  EXPECT_EQ(message({{"skew.speed.stragglers", "[{rank = 640, factor = 2}]"}}),
            "GPU 640 is not one of 640 | ranks 0 to 639\n");
}

TEST(UnitSkew, CopiesAndBalancersGoTogether) {
  EXPECT_EQ(message({kPopularExperts}),
            "copies of popular experts are placed by a balancer | "
            "skew.eplb.policy = \"global\" or \"hierarchical\"\n");
  EXPECT_EQ(message({{"skew.eplb.policy", "global"}}),
            "experts are equally popular: nothing is to be balanced | a [skew.routing]\n");
  EXPECT_EQ(message({kPopularExperts, {"skew.eplb", "{policy = \"global\", redundant = 3}"}}),
            "a unit of a deployment says how many copies it holds | unit.redundant_experts\n");
  EXPECT_EQ(message({kPopularExperts, {"skew.eplb.policy", "hierarchical"}}),
            "a shared expert among the copies belongs to no group | \"global\"\n");
  EXPECT_EQ(message({kPopularExperts,
                     {"skew.eplb.policy", "hierarchical"},
                     {"unit.gpus", "64"},
                     {"unit.expert", "64"},
                     {"unit.shared_routed", "false"}}),
            "no error");
  EXPECT_EQ(
      message(
          {kPopularExperts, {"skew.eplb.policy", "hierarchical"}, {"unit.shared_routed", "false"}}),
      "40 nodes of unit do not divide 8 groups of experts | \"global\"\n");
}

}  // namespace
}  // namespace windtunnel
