#include "simulator/study/plan_spec.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "tests/study/plan_specs.h"

namespace windtunnel {
namespace {

TEST(PlanSpecTest, ChoicesAreReadAndTheRestIsLeftToTheScenario) {
  const SpecFile file("spec", small_search("tensor = [1, 2]\nrecompute = [\"full\"]\n"));
  EXPECT_FALSE(plans_serving(file.path));
  const TrainingPlanSpec spec = load_training_plan(file.path);
  EXPECT_EQ(spec.vary.tensor, (std::vector<int>{1, 2}));
  EXPECT_EQ(spec.vary.recompute, std::vector<Recompute>{Recompute::kFull});
  EXPECT_TRUE(spec.vary.pipeline.empty());
  EXPECT_FALSE(spec.limits);
  EXPECT_EQ(spec.objective, 0);
}

std::string error_of(const std::string& text) {
  const SpecFile file("wrong_spec", text);
  try {
    load_training_plan(file.path);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(PlanSpecTest, MistakesAreAnsweredAtTheirPlace) {
  EXPECT_NE(error_of(small_search("tensors = [1]\n")).find("did you mean `tensor`"),
            std::string::npos);
  EXPECT_NE(error_of(small_search("schedule = [\"1f1\"]\n")).find("1f1b"), std::string::npos);
  EXPECT_NE(error_of(small_search("tensor = [1, 2, 1]\n")).find("`1` is chosen from twice"),
            std::string::npos);
  EXPECT_NE(error_of(small_search("[limits]\ndays = 0\n")).find("days"), std::string::npos);
}

TEST(PlanSpecTest, OnlyOneRunOrOneDeploymentHasAPlan) {
  const SpecFile campaign(
      "campaign",
      "name = \"x\"\nscenario = \"" + shipped_file("scenarios/deepseek-v3/training.toml") + "\"\n");
  EXPECT_THROW(plans_serving(campaign.path), ConfigError);
  const SpecFile nothing("nothing", "name = \"x\"\n");
  EXPECT_THROW(plans_serving(nothing.path), ConfigError);
  EXPECT_TRUE(plans_serving("scenarios/plans/r1-serving.toml"));
}

TEST(PlanSpecTest, MemoryCountsInStepsUpToItsLimit) {
  PlanSpec spec{};
  spec.memory_step = Bytes{10};
  EXPECT_EQ(counted_memory(spec, 11, 100), 20);
  EXPECT_EQ(counted_memory(spec, 95, 96), 96);
  EXPECT_EQ(counted_memory(spec, 97, 96), 97);
}

}  // namespace
}  // namespace windtunnel
