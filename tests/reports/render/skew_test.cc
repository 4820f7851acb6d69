#include "reports/render/skew.h"

#include <gtest/gtest.h>

#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

SkewProjection unlike_ranks() {
  return {.layers = {{.layer = 3, .plain = 1.5, .placed = 1.1},
                     {.layer = 4, .plain = 1.9, .placed = 1.3}},
          .plain = 1.7,
          .placed = 1.2,
          .policy = "hierarchical",
          .redundant = 64,
          .folded_step = Seconds{19.14},
          .folded_without_balancer = Seconds{23.11},
          .slowest = 1.05,
          .jitter = 0.02};
}

GoodputProjection failing() {
  return {.share = 0.9,
          .interval = {3600},
          .best_interval = {1800},
          .between_failures = {36'000},
          .month = {.time = {2'592'000},
                    .failures = 72,
                    .training = {2'332'800},
                    .checkpoints = {38'880},
                    .restarts = {43'200},
                    .repeated = {177'120}},
          .best_month = {.time = {2'592'000},
                         .failures = 72,
                         .training = {2'400'000},
                         .checkpoints = {80'000},
                         .restarts = {43'200},
                         .repeated = {68'800}}};
}

TEST(SkewText, SaysHowUnlikeRanksAre) {
  Projection projection = sample_projection();
  EXPECT_EQ(render_skew(projection), "");
  projection.skew = unlike_ranks();
  EXPECT_EQ(render_skew(projection),
            "Skew\n"
            "  fullest expert rank over mean     1.700 x  of 2 layers 1.900 x in the worst\n"
            "  balanced, 64 copies a layer       1.200 x  of 2 layers 1.300 x in the worst\n"
            "  folded step without balancer      23.11 s  19.14 s with it (hierarchical)\n"
            "  kernels on the slowest GPU        1.050 x  their usual time\n"
            "  jitter of every op                  2.0 %  of its time\n"
            "\n");
}

TEST(SkewText, WithoutABalancerItIsSilentAboutIt) {
  Projection projection = sample_projection();
  projection.skew = SkewProjection{.layers = {},
                                   .plain = 0,
                                   .placed = 0,
                                   .policy = "",
                                   .redundant = 0,
                                   .folded_step = {},
                                   .folded_without_balancer = {},
                                   .slowest = 1.05,
                                   .jitter = 0};
  EXPECT_EQ(render_skew(projection),
            "Skew\n"
            "  kernels on the slowest GPU        1.050 x  their usual time\n"
            "\n");
  const OrderedJson json = skew_json(*projection.skew);
  EXPECT_EQ(json.at("slowest_factor"), 1.05);
  EXPECT_FALSE(json.contains("routing"));
}

TEST(SkewText, TheDocumentHasEveryLayer) {
  const OrderedJson json = skew_json(unlike_ranks());
  EXPECT_EQ(json.at("routing").at("layers").size(), 2U);
  EXPECT_EQ(json.at("routing").at("layers")[1].at("layer"), 4);
  EXPECT_EQ(json.at("routing").at("layers")[1].at("balanced_max_over_mean"), 1.3);
  EXPECT_EQ(json.at("routing").at("max_over_mean"), 1.7);
  EXPECT_EQ(json.at("routing").at("eplb").at("policy"), "hierarchical");
  EXPECT_EQ(json.at("routing").at("eplb").at("folded_step_without_s"), 23.11);
}

TEST(SkewText, AMonthOfFailuresIsATable) {
  EXPECT_EQ(render_month(failing()),
            "A month, hours  interval  failures  training  checkpoints  restarts   repeated\n"
            "  as it is          1.00      72.0     648.0         10.8      12.0       49.2\n"
            "  at best           0.50      72.0     666.7         22.2      12.0       19.1\n"
            "\n");
}

TEST(SkewText, TheMonthStandsInTheDocumentAndTheSummary) {
  const OrderedJson json = goodput_json(failing());
  EXPECT_EQ(json.at("share"), 0.9);
  EXPECT_EQ(json.at("month").at("failures"), 72);
  EXPECT_EQ(json.at("month").at("repeated_s"), 177'120);
  EXPECT_EQ(json.at("month_at_best").at("training_s"), 2'400'000);
}

}  // namespace
}  // namespace windtunnel
