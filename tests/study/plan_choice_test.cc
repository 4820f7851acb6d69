#include "simulator/study/plan_choice.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "tests/study/plan_specs.h"

namespace windtunnel {
namespace {

TrainingCombinations combinations(const std::string& vary) {
  const SpecFile file("choice", small_search(vary));
  return combinations_of(load_training_plan(file.path));
}

TEST(PlanChoice, EveryCombinationHasANumber) {
  const auto all = combinations(
      "tensor = [1, 2]\nmicro_batch = [1, 2, 4]\npipeline = [1, 2]\nzero_stage = [0, 1]\n");
  EXPECT_EQ(all.blocks, 6);
  EXPECT_EQ(all.block_size, 4);
  EXPECT_EQ(block_scenario(all, 1).parallelism.tensor, 2);
  EXPECT_EQ(block_scenario(all, 5).batch.micro_batch, 4);
  EXPECT_EQ(pipeline_choice(all, 3).pipeline, 2);
  EXPECT_EQ(pipeline_choice(all, 3).zero_stage, 1);
}

TEST(PlanChoice, WhatHasNoMeaningMakesNoOtherPlan) {
  const auto all = combinations(
      "tensor = [1, 2]\nsequence_parallel = [false, true]\nschedule = [\"1f1b\", "
      "\"interleaved_1f1b\"]\nvirtual_stages = [2, 3]\n");
  int repeats = 0;
  for (std::int64_t block = 0; block < all.blocks; ++block) {
    for (int place = 0; place < all.block_size; ++place) {
      if (!repeated(all, block_scenario(all, block), block, place).empty()) ++repeats;
    }
  }
  // Of 4 blocks one is a repeat whole (4 plans); in each other 1F1B comes a second time.
  EXPECT_EQ(repeats, 4 + 3);
}

TEST(PlanChoice, OnePipelineRankHasNothingToInterleave) {
  const auto all = combinations("pipeline = [1, 2]\nschedule = [\"interleaved_1f1b\"]\n");
  std::vector<bool> repeats;
  for (int place = 0; place < all.block_size; ++place) {
    repeats.push_back(!repeated(all, block_scenario(all, 0), 0, place).empty());
  }
  EXPECT_EQ(repeats, (std::vector<bool>{true, false}));
}

TEST(PlanChoice, TheFallbackIsTheScenariosWhereThatCanRun) {
  const auto all = combinations("schedule = [\"zb_h1\", \"zb_v\"]\n");
  const Scenario& base = all.bases.front();
  for (const int place : {0, 1}) {
    Scenario plan = base;
    apply(pipeline_choice(all, place), base, plan);
    EXPECT_EQ(plan.schedule.fallback.value, place == 0 ? "1f1b" : "zb_v");
  }
}

TEST(PlanChoice, SpacesHaveAnEnd) {
  std::string many = "1";
  for (int i = 2; i <= 2000; ++i) many += ", " + std::to_string(i);
  EXPECT_THROW(
      combinations("tensor = [" + many + "]\nexpert = [" + many + "]\ncontext = [" + many + "]\n"),
      ConfigError);
}

}  // namespace
}  // namespace windtunnel
