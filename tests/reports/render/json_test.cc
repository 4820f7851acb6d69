#include "reports/render/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/reports/golden_text.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered document(const Projection& projection) {
  return Ordered::parse(render_json(projection, kSampleBuild));
}

std::string keys(const Ordered& object) {
  std::string out;
  for (const auto& item : object.items()) out += item.key() + " ";
  return out;
}

TEST(Json, TheDocumentIsPinnedWhole) {
  expect_golden("projection.json", render_json(sample_projection({4, 10}), kSampleBuild));
}

TEST(Json, EveryPromisedKeyIsThereInItsOrder) {
  const Ordered json = document(sample_projection());
  EXPECT_EQ(json["schema"], "windtunnel/projection");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(keys(json),
            "schema version windtunnel inputs scenario step communication throughput run memory "
            "provenance sensitivity published terms engine ");
  EXPECT_EQ(keys(json["windtunnel"]), "version commit ");
  EXPECT_EQ(keys(json["inputs"][0]), "path hash ");
  const std::string parts =
      "time_s forward_s backward_s weight_s overlapped_s bubble_s optimizer_s ";
  EXPECT_EQ(keys(json["step"]), parts + "mean ranks low_s high_s ");
  EXPECT_EQ(keys(json["step"]["mean"]), parts);
  EXPECT_EQ(keys(json["step"]["ranks"][15]), parts);
  EXPECT_EQ(
      keys(json["communication"]),
      "total_s exposed_s waiting_s hidden_fraction dispatch combine pipeline gradient tensor ");
  EXPECT_EQ(keys(json["communication"]["dispatch"]), "total_s exposed_s waiting_s ");
  EXPECT_EQ(keys(json["throughput"]), "tokens_per_s_per_gpu tokens_per_day tflops_per_gpu mfu ");
  EXPECT_EQ(keys(json["throughput"]["mfu"]), "causal noncausal ");
  EXPECT_EQ(keys(json["run"]),
            "tokens steps gpu_hours gpu_hours_low gpu_hours_high days usd stages ");
  EXPECT_EQ(keys(json["memory"]), "peak_bytes capacity_bytes fits peak_rank parts formulas ranks ");
  EXPECT_EQ(keys(json["provenance"]),
            "measured scaled estimated outside_range assumptions full_over_folded ");
  EXPECT_EQ(keys(json["provenance"]["assumptions"][0]), "what value range why effect ");
  EXPECT_EQ(keys(json["engine"]), "fidelity ranks ops wall_s ops_per_s peak_rss_bytes threads ");
}

TEST(Json, NumbersAreWrittenInFull) {
  const Projection projection = sample_projection();
  const Ordered json = document(projection);
  EXPECT_EQ(json["step"]["time_s"].get<double>(), projection.step.rank0.time.value);
  EXPECT_EQ(json["run"]["gpu_hours"].get<double>(), projection.run->gpu_hours);
  EXPECT_EQ(json["run"]["usd"].get<double>(), projection.run->cost.value);
  EXPECT_EQ(json["terms"][0]["low_s"].get<double>(), projection.terms[0].price.low.value);
}

TEST(Json, CountsAreIntegers) {
  const Ordered json = document(sample_projection());
  EXPECT_TRUE(json["run"]["tokens"].is_number_integer());
  EXPECT_EQ(json["run"]["tokens"], 14800000000000);
  EXPECT_TRUE(json["memory"]["capacity_bytes"].is_number_integer());
}

TEST(Json, ThePartsAreThoseOfTheFullestRank) {
  const Ordered json = document(sample_projection());
  double sum = 0;
  for (const auto& part : json["memory"]["parts"]) sum += part.get<double>();
  // Each part is a double of about 1e10 bytes: their sum is the peak to a byte or so.
  EXPECT_NEAR(sum, json["memory"]["peak_bytes"].get<double>(), 2);
}

TEST(Json, WithoutARunThereIsNoKey) { EXPECT_FALSE(document(empty_projection()).contains("run")); }

TEST(Json, NoTimeToSpendIsNoRate) {
  EXPECT_EQ(document(empty_projection())["engine"]["ops_per_s"], 0.0);
}

TEST(Json, WhatIsNotFiniteIsNull) {
  Projection projection = sample_projection();
  projection.step.low = {std::numeric_limits<double>::quiet_NaN()};
  projection.memory.peak = {std::numeric_limits<double>::infinity()};
  const Ordered json = document(projection);
  EXPECT_TRUE(json["step"]["low_s"].is_null());
  EXPECT_TRUE(json["memory"]["peak_bytes"].is_null());
}

TEST(Json, NamesSurviveWhateverTheyHold) {
  Projection projection = sample_projection();
  projection.scenario.name = "</script>\"\\\n\xff";
  EXPECT_EQ(document(projection)["scenario"]["name"], "</script>\"\\\n\xEF\xBF\xBD");
}

TEST(Json, OnlyTheEngineDependsOnTheMachine) {
  Projection projection = sample_projection();
  Ordered one = document(projection);
  projection.engine = {"folded", 32, 34816, {9.9}, {77e6}, 8};
  Ordered other = document(projection);
  EXPECT_NE(one, other);
  one.erase("engine");
  other.erase("engine");
  EXPECT_EQ(one, other);
}

TEST(Json, ValidationRowsStandFailuresFirst) {
  const Projection projection = sample_projection();
  const Ordered json = Ordered::parse(
      render_validation_json(projection.published, {}, projection.inputs, kSampleBuild));
  EXPECT_EQ(keys(json), "schema version windtunnel inputs rows sets ");
  EXPECT_EQ(json["schema"], "windtunnel/validation");
  EXPECT_EQ(json["rows"][0]["quantity"], "flops_per_token");
  EXPECT_EQ(keys(json["rows"][0]),
            "model quantity unit published projected low high error tolerance provenance source "
            "comparable reason ");
  EXPECT_TRUE(json["rows"].back()["tolerance"].is_null());
  EXPECT_EQ(json["rows"].back()["reason"], "the batch sizes were not published");
}

TEST(Json, ASetOfRunsStandsBesideTheRows) {
  std::vector<ComparisonRow> runs = sample_projection().published;
  for (ComparisonRow& run : runs) run.set = "Runs";
  const SetSummary set = set_summary({.model = "Runs",
                                      .source = "here",
                                      .target = 0.08,
                                      .tolerance = {},
                                      .missed = "unknown hosts"},
                                     runs);
  const Ordered json = Ordered::parse(render_validation_json(runs, {set}, {}, kSampleBuild));
  EXPECT_EQ(json["rows"][0]["set"], "Runs");
  EXPECT_EQ(keys(json["sets"][0]),
            "model quantity runs median_absolute_error p90_absolute_error median_error target "
            "within_target tolerance missed source worst ");
  EXPECT_EQ(json["sets"][0]["runs"], runs.size());
  EXPECT_EQ(json["sets"][0]["target"], 0.08);
  EXPECT_TRUE(json["sets"][0]["tolerance"].is_null());
}

TEST(Json, SensitivityListsWhatTheIntervalIsMadeOfTheWidestFirst) {
  Projection projection = sample_projection();
  projection.provenance.measurements = {{"dispatch", 1.0, 2.0, 17, 18},
                                        {"expert GEMMs", 0, 9e9, 16, 19}};
  const auto json = nlohmann::ordered_json::parse(render_json(projection, {"0.1", "abc"}));
  const auto& rows = json["sensitivity"];
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_EQ(keys(rows[0]), "what kind gpu_hours_low gpu_hours_high step_low_s step_high_s ");
  EXPECT_EQ(rows[0]["what"], "expert GEMMs");
  EXPECT_EQ(rows[0]["kind"], "measurement");
  EXPECT_EQ(rows[0]["gpu_hours_high"], 9e9);
  EXPECT_EQ(rows[1]["what"], "routing imbalance");
  EXPECT_EQ(rows[1]["kind"], "assumption");
  EXPECT_EQ(rows[6]["what"], "dispatch");
}

}  // namespace
}  // namespace windtunnel
