#include "simulator/analysis/comparison.h"

#include <gtest/gtest.h>

#include <limits>

#include "simulator/base/toml_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/model/models.h"

namespace windtunnel {
namespace {

/// A run of 2 T tokens on 100 GPUs: 2400 GPU hours are 24 hours, 1 day.
Projection small_projection() {
  Projection projection{};
  projection.scenario.gpus = 100;
  projection.provenance.measured = 0.5;
  projection.provenance.scaled = 0.3;
  projection.provenance.estimated = 0.2;
  projection.run = RunProjection{.tokens = {2e12},
                                 .steps = 10,
                                 .gpu_hours = 2400,
                                 .gpu_hours_low = 2000,
                                 .gpu_hours_high = 3000,
                                 .days = 1,
                                 .cost = {4800},
                                 .stages = {}};
  return projection;
}

ProjectedQuantity quantity(std::string_view name) {
  return *projected_quantity(name, small_projection(), deepseek_v3(), 4096);
}

ComparisonRow row(double error, std::optional<double> tolerance, bool comparable = true) {
  ComparisonRow row{};
  row.error = error;
  row.tolerance = tolerance;
  row.comparable = comparable;
  return row;
}

PublishedFile published(const TemporaryFolder& folder, const std::string& figure) {
  return load_published(folder.write(
      "p.toml",
      "scenario = \"s.toml\"\nmodel = \"M\"\n[[figures]]\n" + figure + "source = \"paper\"\n"));
}

TEST(ProjectedQuantity, OfARunCarriesItsInterval) {
  EXPECT_EQ(quantity("gpu_hours").value, 2400);
  EXPECT_EQ(quantity("gpu_hours").low, 2000);
  EXPECT_EQ(quantity("gpu_hours").high, 3000);
  EXPECT_DOUBLE_EQ(quantity("usd").value, 4800);
  EXPECT_DOUBLE_EQ(*quantity("usd").high, 6000);
  EXPECT_DOUBLE_EQ(quantity("gpu_hours_per_t_tokens").value, 1200);
  EXPECT_DOUBLE_EQ(quantity("days_per_t_tokens").value, 0.5);
  EXPECT_DOUBLE_EQ(*quantity("days_per_t_tokens").low, 2000.0 / 2 / 100 / 24);
}

// V3 report: 671 G parameters, 37 G of them active; arXiv 2505.09343, table 2: 250 GFLOPs a token.
TEST(ProjectedQuantity, OfAnArchitectureIsExact) {
  EXPECT_NEAR(quantity("parameters").value, 671e9, 0.5e9);
  EXPECT_NEAR(quantity("active_parameters").value, 37e9, 0.7e9);
  EXPECT_NEAR(quantity("training_gflops_per_token").value, 250, 6);
  EXPECT_FALSE(quantity("parameters").low.has_value());
}

TEST(ProjectedQuantity, OfARunNeedsOne) {
  Projection projection = small_projection();
  projection.run.reset();
  for (const char* name : {"gpu_hours", "usd", "gpu_hours_per_t_tokens", "days_per_t_tokens"}) {
    EXPECT_FALSE(projected_quantity(name, projection, deepseek_v3(), 4096).has_value()) << name;
  }
  EXPECT_FALSE(projected_quantity("beauty", small_projection(), deepseek_v3(), 1).has_value());
}

TEST(ComparePublished, StatesTheRelativeMiss) {
  const TemporaryFolder folder;
  const auto rows = compare_published(
      published(folder, "quantity = \"gpu_hours\"\nunit = \"h\"\nvalue = 3000\ntolerance = 0.1\n"),
      small_projection(), deepseek_v3(), 4096, false);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_DOUBLE_EQ(rows[0].error.value(), -0.2);
  EXPECT_EQ(rows[0].projected, 2400);
  EXPECT_EQ(rows[0].provenance, "50 % measured, 30 % scaled, 20 % estimated");
  EXPECT_TRUE(rows[0].comparable);
  EXPECT_TRUE(fails(rows[0]));
}

TEST(ComparePublished, AFigureWithAReasonIsNotComparable) {
  const TemporaryFolder folder;
  const auto rows = compare_published(
      published(folder,
                "quantity = \"parameters\"\nunit = \"x\"\nvalue = 1\nreason = \"unlike\"\n"),
      small_projection(), deepseek_v3(), 4096, true);
  EXPECT_FALSE(rows[0].comparable);
  EXPECT_EQ(rows[0].reason, "unlike");
  EXPECT_EQ(rows[0].provenance, "computed from the architecture");
  EXPECT_FALSE(fails(rows[0]));
}

TEST(ComparePublished, WhatNobodyPublishedStandsAlone) {
  const TemporaryFolder folder;
  const auto rows = compare_published(
      published(folder, "quantity = \"gpu_hours\"\nunit = \"h\"\nreason = \"nobody\"\n"),
      small_projection(), deepseek_v3(), 4096, false);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_FALSE(rows[0].published.has_value());
  EXPECT_FALSE(rows[0].error.has_value());
  EXPECT_EQ(rows[0].projected, 2400);
  EXPECT_FALSE(rows[0].comparable);
  EXPECT_FALSE(fails(rows[0]));
}

TEST(ComparePublished, AChangedScenarioIsNotComparable) {
  const TemporaryFolder folder;
  const auto rows = compare_published(
      published(folder, "quantity = \"usd\"\nunit = \"USD\"\nvalue = 1\ntolerance = 0.1\n"),
      small_projection(), deepseek_v3(), 4096, true);
  EXPECT_FALSE(rows[0].comparable);
  EXPECT_EQ(rows[0].reason, "--set changed the scenario");
}

TEST(ComparePublished, AnUnknownQuantityIsSuggested) {
  const TemporaryFolder folder;
  const auto file = published(folder, "quantity = \"gpu_hour\"\nunit = \"h\"\nvalue = 1\n");
  EXPECT_EQ(folder.without_folder(message_of(
                [&] { compare_published(file, small_projection(), deepseek_v3(), 4096, false); })),
            "p.toml:4:12: error: unknown quantity `gpu_hour`, did you mean `gpu_hours`?\n"
            "   4 | quantity = \"gpu_hour\"\n"
            "     |            ^\n"
            "  accepted: gpu_hours, usd, gpu_hours_per_t_tokens, days_per_t_tokens, "
            "training_gflops_per_token, parameters, active_parameters\n");
}

TEST(ComparePublished, AFigureOfARunNeedsARun) {
  const TemporaryFolder folder;
  const auto file = published(folder, "quantity = \"gpu_hours\"\nunit = \"h\"\nvalue = 1\n");
  Projection projection = small_projection();
  projection.run.reset();
  EXPECT_EQ(folder.without_folder(message_of(
                [&] { compare_published(file, projection, deepseek_v3(), 4096, false); })),
            "p.toml:4:12: error: the scenario has no run to take `gpu_hours` from\n"
            "   4 | quantity = \"gpu_hours\"\n"
            "     |            ^\n");
}

TEST(Fails, OutsideItsToleranceInEitherDirection) {
  EXPECT_TRUE(fails(row(0.11, 0.1)));
  EXPECT_TRUE(fails(row(-0.11, 0.1)));
  EXPECT_FALSE(fails(row(0.09, 0.1)));
  EXPECT_FALSE(fails(row(9, {})));
  EXPECT_FALSE(fails(row(9, 0.1, false)));
  EXPECT_TRUE(fails(row(std::numeric_limits<double>::quiet_NaN(), 0.1)));
}

TEST(SortByFailure, PutsTheWorstFailureFirst) {
  std::vector<ComparisonRow> rows{row(5, 0.1, false), row(0.01, 0.1), row(0.2, 0.1),
                                  row(-0.05, 0.1),    row(-0.6, 0.1), row(0.3, {})};
  sort_by_failure(rows);
  std::vector<double> errors;
  for (const ComparisonRow& one : rows) errors.push_back(one.error.value());
  EXPECT_EQ(errors, (std::vector<double>{-0.6, 0.2, 0.3, -0.05, 0.01, 5}));
}

}  // namespace
}  // namespace windtunnel
