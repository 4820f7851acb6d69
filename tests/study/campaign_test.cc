#include "simulator/study/campaign.h"

#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/study/folded.h"

namespace windtunnel {
namespace {

constexpr const char* kSmall = "scenarios/r1-distill/qwen-1.5b-sft.toml";

CampaignStage stage(const std::string& name, double tokens) {
  Scenario scenario = load_scenario(kSmall, {});
  scenario.run.tokens = {tokens};
  scenario.ranges.clear();  // their cases have tokens of their own
  return {name, std::move(scenario)};
}

Campaign campaign_of(std::vector<CampaignStage> stages) {
  return {.path = "nowhere.toml",
          .name = "test",
          .stages = std::move(stages),
          .files = {},
          .changed = false};
}

TEST(SimulateCampaign, AddsItsStagesUp) {
  const Projection one = simulate_campaign(campaign_of({stage("a", 1e9)}), folded());
  const Projection two =
      simulate_campaign(campaign_of({stage("a", 1e9), stage("b", 3e9)}), folded());
  EXPECT_DOUBLE_EQ(two.run->gpu_hours, 4 * one.run->gpu_hours);
  EXPECT_DOUBLE_EQ(two.run->gpu_hours_low, 4 * one.run->gpu_hours_low);
  EXPECT_DOUBLE_EQ(two.run->gpu_hours_high, 4 * one.run->gpu_hours_high);
  EXPECT_DOUBLE_EQ(two.run->cost.value, 4 * one.run->cost.value);
  EXPECT_DOUBLE_EQ(two.run->days, 4 * one.run->days);
  EXPECT_EQ(two.run->tokens.value, 4e9);
  ASSERT_EQ(two.run->stages.size(), 2U);
  EXPECT_EQ(two.run->stages[1].name, "b");
  EXPECT_DOUBLE_EQ(two.run->stages[1].gpu_hours, 3 * one.run->gpu_hours);
  EXPECT_EQ(two.scenario.kind, "campaign");
  // What is off in the prices of one stage is off in the other's.
  const auto& classes = two.provenance.measurements;
  ASSERT_EQ(classes.size(), one.provenance.measurements.size());
  ASSERT_FALSE(classes.empty());
  for (std::size_t i = 0; i < classes.size(); ++i) {
    EXPECT_NEAR(classes[i].gpu_hours_high / one.provenance.measurements[i].gpu_hours_high, 4, 1e-9);
  }
}

// Both stages run the same step: shares are those of either; an assumption of the shorter stage
// moves a quarter of the whole.
TEST(SimulateCampaign, WeighsAssumptionsByTheirStage) {
  const Projection two =
      simulate_campaign(campaign_of({stage("a", 1e9), stage("b", 3e9)}), folded());
  const Projection alone = simulate(std::get<Scenario>(stage("a", 1e9).plan), folded());
  EXPECT_NEAR(two.provenance.measured, alone.provenance.measured, 1e-12);
  EXPECT_NEAR(two.provenance.measured + two.provenance.scaled + two.provenance.estimated, 1, 1e-12);
  ASSERT_EQ(two.provenance.assumptions.size(), 2 * alone.provenance.assumptions.size());
  for (std::size_t i = 0; i < alone.provenance.assumptions.size(); ++i) {
    const AssumptionEffect& small = alone.provenance.assumptions[i];
    const AssumptionEffect& whole = two.provenance.assumptions[i];
    EXPECT_EQ(whole.what, "a: " + small.what);
    EXPECT_NEAR(whole.gpu_hours_high - whole.gpu_hours_low,
                small.gpu_hours_high - small.gpu_hours_low, 1e-9 * two.run->gpu_hours);
  }
}

TEST(SimulateCampaign, ShowsTheStepOfTheLongestStage) {
  CampaignStage longer = stage("b", 3e9);
  auto& scenario = std::get<Scenario>(longer.plan);
  scenario.name = "the longer one";
  scenario.batch.sequences /= 2;
  scenario.batch.ramp_sequences /= 2;
  const Projection both = simulate_campaign(campaign_of({stage("a", 1e9), longer}), folded());
  const Projection alone = simulate(scenario, folded());
  EXPECT_EQ(both.step.rank0.time.value, alone.step.rank0.time.value);
  EXPECT_EQ(both.scenario.name, "test");
}

TEST(Project, TakesEitherKindOfFile) {
  const Projected one = project(kSmall, {}, folded());
  EXPECT_EQ(one.projection.scenario.kind, "fine_tuning");
  const TemporaryFolder folder;
  const auto file = folder.write(
      "c.toml", "name = \"c\"\nkind = \"campaign\"\n[[stages]]\nname = \"s\"\nscenario = \"" +
                    std::filesystem::absolute(kSmall).string() + "\"\n");
  const Projected campaign = project(file, {}, folded());
  EXPECT_EQ(campaign.projection.scenario.kind, "campaign");
  EXPECT_DOUBLE_EQ(campaign.projection.run->gpu_hours, one.projection.run->gpu_hours);
  EXPECT_EQ(campaign.scenario.name, one.scenario.name);
}

}  // namespace
}  // namespace windtunnel
