#include "simulator/workload/expert_load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

Assumption<double> exponent_of(double value) {
  return {.value = value, .low = value, .high = value, .why = "test"};
}

Scenario with_zipf(Scenario scenario, double exponent) {
  scenario.skew.routing = RoutingSkew{.zipf = exponent_of(exponent), .loads = {}};
  return scenario;
}

TEST(ExpertLoad, LayersWithExpertsAreNumberedAsInTheModel) {
  const Scenario scenario = pretraining();
  const std::vector<RoutedLayer> layers = routed_layers(scenario.model);
  ASSERT_EQ(layers.size(), 59U);  // 3 of 61 are dense, and the MTP module's
  EXPECT_EQ(layers.front().number, 3);
  EXPECT_EQ(layers.back().number, 61);
  EXPECT_EQ(layers.back().moe->routed_experts, 256);
}

// Of three experts with exponent 1: 1, 1/2, 1/3 over their mean 11/18, in some order.
TEST(ExpertLoad, ZipfIsAPowerOfTheRankOfPopularity) {
  const RoutingSkew routing{.zipf = exponent_of(1), .loads = {}};
  std::vector<double> loads = expert_loads(routing, 0, 3);
  std::sort(loads.begin(), loads.end());
  EXPECT_NEAR(loads[2], 18.0 / 11, 1e-12);
  EXPECT_NEAR(loads[1], 9.0 / 11, 1e-12);
  EXPECT_NEAR(loads[0], 6.0 / 11, 1e-12);
}

TEST(ExpertLoad, EachLayerHasPopularExpertsOfItsOwn) {
  const RoutingSkew routing{.zipf = exponent_of(1), .loads = {}};
  const auto hottest = [&](int layer) {
    const std::vector<double> loads = expert_loads(routing, layer, 256);
    return std::max_element(loads.begin(), loads.end()) - loads.begin();
  };
  EXPECT_EQ(hottest(3), hottest(3));
  EXPECT_NE(hottest(3), hottest(4));
}

TEST(ExpertLoad, RanksOfEquallyPopularExpertsHaveNoLoads) {
  EXPECT_TRUE(rank_loads(pretraining()).empty());
  EXPECT_TRUE(rank_loads(with_zipf(pretraining(), 0)).empty());
}

// Four experts a rank: a rank's load is the mean of its experts'.
TEST(ExpertLoad, ARankHasTheLoadOfItsExperts) {
  const Scenario scenario = with_zipf(pretraining(), 0.5);
  const std::vector<RankLoads> all = rank_loads(scenario);
  ASSERT_EQ(all.size(), 59U);
  const std::vector<double> experts = expert_loads(*scenario.skew.routing, 0, 256);
  ASSERT_EQ(all[0].plain.size(), 64U);
  EXPECT_EQ(all[0].plain, all[0].placed);
  EXPECT_NEAR(all[0].plain[5], (experts[20] + experts[21] + experts[22] + experts[23]) / 4, 1e-12);
  EXPECT_NEAR(std::accumulate(all[0].plain.begin(), all[0].plain.end(), 0.0), 64, 1e-9);
}

TEST(ExpertLoad, TheBalancerLowersTheFullestRankOfEveryLayer) {
  for (const BalancerPolicy policy : {BalancerPolicy::kHierarchical, BalancerPolicy::kGlobal}) {
    Scenario scenario = with_zipf(pretraining(), 0.5);
    scenario.skew.eplb = BalancerPlan{.redundant = 64, .policy = policy};
    const std::vector<RankLoads> layers = rank_loads(scenario);
    EXPECT_GE(layers.size(), 58U);
    for (const RankLoads& loads : layers) {
      EXPECT_LT(*std::max_element(loads.placed.begin(), loads.placed.end()),
                *std::max_element(loads.plain.begin(), loads.plain.end()));
      EXPECT_NEAR(std::accumulate(loads.placed.begin(), loads.placed.end(), 0.0), 64, 1e-9);
    }
  }
}

// Two GPUs in lock-step wait for the fuller one: loads 1, 3, 2, 2 over their mean.
TEST(ExpertLoad, ADataRankOfSeveralGpusHasTheFullestOnesLoad) {
  Scenario scenario = pretraining();
  scenario.parallelism.tensor = 2;
  scenario.parallelism.expert = 4;
  for (auto* layers : {&scenario.model.layers, &scenario.model.mtp}) {
    for (Layer& layer : *layers) {
      if (auto* moe = std::get_if<Moe>(&layer.feed_forward)) moe->routed_experts = 4;
    }
  }
  scenario.skew.routing = RoutingSkew{
      .zipf = {},
      .loads = ExpertLoadFile{
          .file = {}, .numbers = {}, .layers = std::vector<std::vector<double>>(59, {1, 3, 2, 2})}};
  EXPECT_EQ(rank_loads(scenario)[0].plain, (std::vector<double>{1.5, 1}));
}

}  // namespace
}  // namespace windtunnel
