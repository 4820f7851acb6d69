#include "reports/render/network_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/render/explain.h"
#include "reports/render/json.h"
#include "reports/render/text.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

NetworkProjection sample_network() {
  return {.fabric = NetworkFabric{.kind = "multi_plane_fat_tree",
                                  .routing = "ecmp",
                                  .oversubscription = 2,
                                  .switches = 96,
                                  .links = 2048,
                                  .endpoints = 2048,
                                  .most_endpoints = 16384,
                                  .rate_per_gpu = {25e9},
                                  .failed_uplinks = 1,
                                  .cost = {8.998e6},
                                  .cost_per_endpoint = {4393.55},
                                  .source = "a paper",
                                  .cost_source = "its table"},
          .failed_nics = 2,
          .assumption = "folded: something"};
}

TEST(NetworkText, SaysWhatJoinsTheNodesWhatIsDownAndWhatItCosts) {
  EXPECT_EQ(network_text(sample_network(), false),
            "Network: multi_plane_fat_tree\n"
            "  96 switches, 2,048 links between them, 2,048 of at most 16,384 GPUs\n"
            "  25 GB/s a GPU where all send across it (2 to 1), ecmp routing\n"
            "  $8.998 M to buy, $4,394 a GPU (published prices)\n"
            "  down: 1 uplink, 2 NICs\n"
            "  folded: something\n\n");
  EXPECT_EQ(network_text(std::nullopt, false), "");
  EXPECT_EQ(network_text(NetworkProjection{.fabric = {}, .failed_nics = 1, .assumption = ""}, true),
            "Network\n  down: 1 NIC\n\n");
  NetworkProjection cores = sample_network();
  cores.fabric->failed_uplinks = 0;
  cores.fabric->failed_core_links = 8;
  EXPECT_NE(network_text(cores, false).find("  down: 8 core links, 2 NICs\n"), std::string::npos);
}

TEST(NetworkText, PricesThatWereSolvedHaveARange) {
  NetworkProjection network = sample_network();
  network.fabric->cost_basis = "solved";
  network.fabric->cost_low = {8.9e6};
  network.fabric->cost_high = {9.1e6};
  EXPECT_NE(network_text(network, false)
                .find("to buy, $4,394 a GPU (solved prices)\n"
                      "    $8.900 M to $9.100 M by how published totals divide\n"),
            std::string::npos);
  Projection projection = sample_projection();
  projection.network = network;
  const auto json = nlohmann::ordered_json::parse(render_json(projection, kSampleBuild))["network"];
  EXPECT_EQ(json["cost_provenance"], "solved");
  EXPECT_EQ(json["cost_low_usd"], 8.9e6);
  EXPECT_EQ(json["cost_high_usd"], 9.1e6);
}

TEST(NetworkText, ExplainNamesTheSources) {
  Projection projection = sample_projection();
  projection.network = sample_network();
  const std::string text = render_explain(projection);
  EXPECT_NE(text.find("  network: a paper\n  prices: its table\n"), std::string::npos);
  EXPECT_EQ(render_text(projection, false).find("a paper"), std::string::npos);
}

TEST(NetworkText, TheDocumentHoldsTheSame) {
  Projection projection = sample_projection();
  projection.network = sample_network();
  const auto json = nlohmann::ordered_json::parse(render_json(projection, kSampleBuild))["network"];
  EXPECT_EQ(json["kind"], "multi_plane_fat_tree");
  EXPECT_EQ(json["switches"], 96);
  EXPECT_EQ(json["cost_usd"], 8.998e6);
  EXPECT_EQ(json["cost_provenance"], "published");
  EXPECT_EQ(json["failed_uplinks"], 1);
  EXPECT_EQ(json["failed_core_links"], 0);
  EXPECT_EQ(json["failed_nics"], 2);
  EXPECT_EQ(json["assumption"], "folded: something");
}

}  // namespace
}  // namespace windtunnel
