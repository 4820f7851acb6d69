#include "reports/render/cluster_section.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

NetworkProjection two_layers() {
  return {.fabric = NetworkFabric{.kind = "two layers",
                                  .routing = "ecmp",
                                  .oversubscription = 2,
                                  .switches = 96,
                                  .links = 2048,
                                  .endpoints = 2048,
                                  .most_endpoints = 2048,
                                  .rate_per_gpu = {25e9},
                                  .failed_uplinks = 1,
                                  .cost = {9e6},
                                  .cost_per_endpoint = {4394},
                                  .source = "<where>",
                                  .cost_source = "arXiv 2505.09343"},
          .failed_nics = 3,
          .assumption = "flows spread evenly"};
}

TEST(ClusterSection, IsNothingWhereNothingIsSaid) {
  EXPECT_EQ(cluster_section(sample_projection()), "");
}

TEST(ClusterSection, ShowsWhatTheNetworkIsAndCosts) {
  Projection projection = sample_projection();
  projection.network = two_layers();
  const std::string html = cluster_section(projection);
  EXPECT_EQ(markup_problem("<div>" + html + "</div>"), "");
  for (const char* part : {"<h2>Network</h2>", "2,048", "$9.000 M", "2 to 1 oversubscribed, ecmp",
                           "&lt;where&gt;", "NICs down", "uplinks down", "flows spread evenly"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part << "\n" << html;
  }
}

TEST(ClusterSection, ShowsTheRangeOfSolvedPricesAndCoreLinks) {
  NetworkProjection network = two_layers();
  EXPECT_EQ(network_section(network).find("by how published totals divide"), std::string::npos);
  EXPECT_EQ(network_section(network).find("core links down"), std::string::npos);
  network.fabric->cost_basis = "solved";
  network.fabric->cost_low = {8.9e6};
  network.fabric->cost_high = {9.1e6};
  network.fabric->failed_core_links = 8;
  const std::string html = network_section(network);
  EXPECT_EQ(markup_problem("<div>" + html + "</div>"), "");
  for (const char* part : {"two layers", "$8.900 M to $9.100 M", "by how published totals divide",
                           "badge solved", "core links down"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part << "\n" << html;
  }
  EXPECT_EQ(html.find("badge published"), std::string::npos);
  EXPECT_EQ(network_section(std::nullopt), "");
}

TEST(ClusterSection, ShowsTheLoadsBeforeAndAfterTheBalancer) {
  Projection projection = sample_projection();
  projection.skew = SkewProjection{.layers = {{3, 1.7, 1.1}},
                                   .plain = 1.7,
                                   .placed = 1.1,
                                   .policy = "global",
                                   .redundant = 64,
                                   .folded_step = Seconds{19},
                                   .folded_without_balancer = Seconds{23},
                                   .slowest = 1.05,
                                   .jitter = 0.02};
  const std::string html = cluster_section(projection);
  EXPECT_EQ(markup_problem("<div>" + html + "</div>"), "");
  for (const char* part : {"1.700 x", "1.100 x", "64 copies a layer", "global balancer",
                           "23.00 s without", "1.050 x", "2.0 %"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part << "\n" << html;
  }
}

}  // namespace
}  // namespace windtunnel
