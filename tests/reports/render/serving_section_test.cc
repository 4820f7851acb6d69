#include "reports/render/serving_section.h"

#include <gtest/gtest.h>

#include "reports/render/html.h"
#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(ServingSection, HoldsRatesQueueAndLedger) {
  const std::string html = serving_section(small_deployment(), 0, kSampleBuild);
  for (const char* text :
       {"id=\"serving-1\"", "A model on 8 GPUs", "decode, tokens/s a GPU", "2,000 requests",
        "routed expert weights", "32 experts a layer", "not on Small GPU"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
}

TEST(ServingSection, ShowsTheNetworkBetweenItsNodes) {
  ServingProjection projection = small_deployment();
  EXPECT_EQ(serving_section(projection, 0, kSampleBuild).find("<h2>Network"), std::string::npos);
  projection.network = NetworkProjection{.fabric = NetworkFabric{.kind = "two_layer_fat_tree",
                                                                 .routing = "adaptive",
                                                                 .oversubscription = 4,
                                                                 .switches = 72,
                                                                 .links = 512,
                                                                 .endpoints = 2048,
                                                                 .most_endpoints = 2048,
                                                                 .rate_per_gpu = {12.5e9},
                                                                 .failed_uplinks = 0,
                                                                 .cost = {5e6},
                                                                 .cost_per_endpoint = {2441},
                                                                 .source = "a paper",
                                                                 .cost_source = "its table",
                                                                 .cost_basis = "solved",
                                                                 .cost_low = {4.9e6},
                                                                 .cost_high = {5.1e6}},
                                         .failed_nics = 0,
                                         .assumption = "all units transfer at once"};
  const std::string html = serving_section(projection, 0, kSampleBuild);
  EXPECT_EQ(markup_problem(html), "");
  for (const char* part : {"<h2>Network</h2>", "two_layer_fat_tree", "12.5", "$5.000 M",
                           "$4.900 M to $5.100 M", "all units transfer at once"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
}

TEST(ServingSection, EscapesNames) {
  ServingProjection projection = small_deployment();
  projection.scenario.name = "<script>";
  EXPECT_EQ(serving_section(projection, 0, kSampleBuild).find("<script>"), std::string::npos);
}

TEST(ServingSection, WithoutTimesItSaysWhy) {
  ServingProjection projection = small_deployment();
  projection.rates.reset();
  projection.queue.reset();
  projection.unpriced = "no kernels were measured";
  EXPECT_NE(
      serving_section(projection, 0, kSampleBuild).find("No times: no kernels were measured."),
      std::string::npos);
}

TEST(ServingSection, HasCardsFiguresAndItsDocument) {
  const std::string html = serving_section(small_deployment(), 1, kSampleBuild);
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_EQ(occurrences(html, "class=\"card\""), 6);
  EXPECT_EQ(occurrences(html, "<svg "), 6);  // five figures, and a narrow drawing
  EXPECT_EQ(occurrences(html, "href=\"#serving-2-sources\""), 5);
  EXPECT_EQ(occurrences(html, "id=\"serving-2-sources\""), 1);
  EXPECT_NE(html.find("id=\"data-serving-2\""), std::string::npos);
  const std::string brief = brief_serving_section(small_deployment(), 1);
  EXPECT_EQ(markup_problem(brief), "");
  EXPECT_NE(brief.find("This page was full"), std::string::npos);
}

TEST(ServingPage, StandsBehindTheOthers) {
  const std::string page = render_html({sample_projection()}, {small_deployment()}, kSampleBuild);
  EXPECT_NE(page.find("2 scenarios - Windtunnel"), std::string::npos);
  ASSERT_NE(page.find("id=\"serving-1\""), std::string::npos);
  EXPECT_LT(page.find("id=\"scenario\""), page.find("id=\"serving-1\""));
  EXPECT_EQ(render_html({}, {small_deployment()}, kSampleBuild).find("A model on 8 GPUs -"),
            render_html({}, {small_deployment()}, kSampleBuild).find("<title>") + 7);
}

}  // namespace
}  // namespace windtunnel
