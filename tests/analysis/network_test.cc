#include "simulator/analysis/network.h"

#include <gtest/gtest.h>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

Scenario on_cluster(const std::string& name, const std::vector<Override>& changes = {}) {
  std::vector<Override> overrides{{"cluster", "topologies/" + name + ".toml"}};
  overrides.insert(overrides.end(), changes.begin(), changes.end());
  return pretraining(overrides);
}

TEST(NetworkProjection, IsNoneWhereOnlyNicsAreKnown) {
  EXPECT_FALSE(network_projection(pretraining(), false, true).has_value());
}

// 96 switches, 2048 links and 2048 endpoints at 20 000, 2473 and 983 dollars.
TEST(NetworkProjection, CountsAndPricesTheNetwork) {
  const auto network = network_projection(on_cluster("h800-2048-multi-plane"), false, true);
  ASSERT_TRUE(network && network->fabric);
  EXPECT_EQ(network->fabric->kind, "multi_plane_fat_tree");
  EXPECT_EQ(network->fabric->routing, "adaptive");
  EXPECT_EQ(network->fabric->switches, 96);
  EXPECT_EQ(network->fabric->endpoints, 2048);
  EXPECT_EQ(network->fabric->most_endpoints, 16384);
  EXPECT_DOUBLE_EQ(network->fabric->cost.value, 96 * 20000 + 2048 * (2473.0 + 983));
  EXPECT_DOUBLE_EQ(network->fabric->cost_per_endpoint.value, network->fabric->cost.value / 2048);
  EXPECT_EQ(network->assumption, "");
}

TEST(NetworkProjection, SaysWhatAFoldedStepAssumes) {
  const Scenario hashed = on_cluster("h800-2048-two-layer", {{"cluster.fabric.routing", "ecmp"}});
  EXPECT_NE(network_projection(hashed, false, true)->assumption.find("expected load of ecmp"),
            std::string::npos);
  EXPECT_EQ(network_projection(hashed, true, true)->assumption, "");
  const Scenario tree = on_cluster("h800-2048-two-layer");
  EXPECT_NE(network_projection(tree, false, false)->assumption.find("unlike"), std::string::npos);
}

// At 4 to 1: how the published totals divide matters for a network that none of them is.
TEST(NetworkProjection, TheCostHasTheRangeOfItsSplits) {
  const auto network = network_projection(
      on_cluster("h800-2048-two-layer", {{"cluster.fabric.oversubscription", "4"}}), true, true);
  EXPECT_EQ(network->fabric->cost_basis, "solved");
  EXPECT_NEAR(network->fabric->cost.value, 4.72e6, 0.01e6);
  EXPECT_NEAR(network->fabric->cost_low.value, 4.24e6, 0.01e6);
  EXPECT_NEAR(network->fabric->cost_high.value, 5.68e6, 0.01e6);
}

TEST(NetworkProjection, OfADeploymentIsItsClusters) {
  const auto load = [](const std::string& topology) {
    return load_serving("scenarios/deepseek-v3/serve-units.toml",
                        {{"cluster", "topologies/" + topology + ".toml"}});
  };
  EXPECT_FALSE(network_projection(load("h800-2048")).has_value());
  const auto network = network_projection(load("h800-2048-two-layer"));
  EXPECT_EQ(network->fabric->endpoints, 2048);
  EXPECT_EQ(network->assumption, "all units of the deployment transfer at once");
}

TEST(NetworkProjection, CountsWhatIsDown) {
  const auto nics =
      network_projection(pretraining({{"cluster.failed_nics", "[5, 9]"}}), true, true);
  ASSERT_TRUE(nics.has_value());
  EXPECT_FALSE(nics->fabric.has_value());
  EXPECT_EQ(nics->failed_nics, 2);
  const Scenario links =
      on_cluster("h800-2048-two-layer", {{"cluster.fabric.failed_uplinks", "[3, 3]"}});
  EXPECT_EQ(network_projection(links, true, true)->fabric->failed_uplinks, 2);
  EXPECT_EQ(network_projection(links, true, true)->fabric->failed_core_links, 0);
  const Scenario cores =
      on_cluster("h800-2048-three-layer", {{"cluster.fabric.failed_core_links", "[0, 0, 1]"}});
  EXPECT_EQ(network_projection(cores, true, true)->fabric->failed_uplinks, 0);
  EXPECT_EQ(network_projection(cores, true, true)->fabric->failed_core_links, 3);
}

}  // namespace
}  // namespace windtunnel
