#include "simulator/study/serving_what_ifs.h"

#include <gtest/gtest.h>

#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

std::vector<ServingWhatIf> what_ifs(const std::vector<Override>& overrides) {
  const ServingScenario scenario = v3_units(overrides);
  ServingPrices prices(shipped_prices(), scenario);
  return serving_what_ifs(prices, scenario);
}

TEST(ServingWhatIfs, ThereIsOneForEachThingThatSlows) {
  EXPECT_TRUE(what_ifs({}).empty());
  const auto all =
      what_ifs({{"cluster", "topologies/h800-2048-two-layer.toml"},
                {"cluster.fabric.oversubscription", "4"},
                {"skew.routing.zipf", "{value = 0.3, low = 0.1, high = 0.5, why = \"q\"}"},
                {"skew.eplb.policy", "global"},
                {"skew.speed.stragglers", "[{rank = 3, factor = 1.05}]"}});
  std::vector<std::string> names;
  for (const ServingWhatIf& other : all) names.push_back(other.what);
  EXPECT_EQ(names, (std::vector<std::string>{"cluster.fabric", "skew.routing", "skew.eplb",
                                             "skew.speed.stragglers"}));
  // 36 of 39 parts leave a leaf with 8 links for 32 GPUs.
  EXPECT_EQ(all[0].value, "13.5 GB/s a GPU");
  EXPECT_FALSE(all[0].scenario.cluster.fabric.has_value());
  EXPECT_EQ(all[1].scenario.unit.skew.placed, 1);
  EXPECT_EQ(all[1].scenario.unit.skew.slowest, 1.05);
  EXPECT_GT(all[2].scenario.prefill_unit->skew.placed, 1.2);
  EXPECT_EQ(all[3].scenario.unit.skew.slowest, 1);
  EXPECT_GT(all[3].scenario.unit.skew.placed, 1);
}

TEST(ServingWhatIfs, ANetworkThatNarrowsNothingSaysSo) {
  const auto all = what_ifs({{"cluster", "topologies/h800-2048-rails.toml"}});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].value, "50 GB/s a GPU");
  EXPECT_NE(all[0].why.find("nothing between the nodes is narrower"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
