#include "simulator/study/reinforcement.h"

#include <gtest/gtest.h>

#include "tests/study/folded.h"

namespace windtunnel {
namespace {

/// R1-Zero with answers of one length, 1024 of them a turn of two steps, and no ranges.
Reinforcement small_plan(double steps = 20, double tokens = 2000) {
  Reinforcement plan = load_reinforcement("scenarios/deepseek-r1/zero.toml", {});
  plan.steps = steps;
  plan.rollout = 1024;
  plan.lengths = {{0, tokens}};
  for (auto* one : {&plan.assumptions.length_scale, &plan.assumptions.length_spread,
                    &plan.assumptions.forward_share, &plan.assumptions.uptime}) {
    one->low = one->high = one->value;
  }
  plan.assumptions.switch_time.low = plan.assumptions.switch_time.high =
      plan.assumptions.switch_time.value;
  plan.training.ranges.clear();
  return plan;
}

double hours_of(const RunProjection& run, const std::string& name) {
  for (const RunStage& stage : run.stages) {
    if (stage.name == name) return stage.gpu_hours;
  }
  throw std::logic_error("no " + name);
}

TEST(AnswerTokens, GrowLinearlyBetweenPoints) {
  Reinforcement plan = small_plan();
  plan.lengths = {{100, 500}, {300, 1500}, {400, 1500}};
  EXPECT_EQ(answer_tokens(plan, 0), 500);
  EXPECT_EQ(answer_tokens(plan, 100), 500);
  EXPECT_EQ(answer_tokens(plan, 150), 750);
  EXPECT_EQ(answer_tokens(plan, 300), 1500);
  EXPECT_EQ(answer_tokens(plan, 1e6), 1500);
}

// 10 turns of three changes of 30 s on 512 GPUs, 95 % up; reading is a third of training; the four
// parts are the run.
TEST(SimulateReinforcement, AddsUpTheParts) {
  const Reinforcement plan = small_plan();
  const Projection projection = simulate_reinforcement(plan, folded());
  const RunProjection& run = *projection.run;
  EXPECT_NEAR(hours_of(run, "switching"), 10 * 3 * 30.0 / 3600 * 512 / 0.95, 1e-9);
  EXPECT_NEAR(hours_of(run, "reference pass"), 0.33 * hours_of(run, "training"), 1e-9);
  double sum = 0;
  for (const RunStage& stage : run.stages) sum += stage.gpu_hours;
  EXPECT_NEAR(run.gpu_hours, sum, 1e-9 * sum);
  EXPECT_NEAR(run.tokens.value, 20 * 512 * 2200.0, 1);
  EXPECT_LT(run.gpu_hours_low, run.gpu_hours);
  EXPECT_GT(run.gpu_hours_high, run.gpu_hours);
  EXPECT_EQ(projection.scenario.kind, "reinforcement");
}

// A turn trains in two steps of as many sequences as 512 answers of 2200 tokens fill: 35 of 32 K,
// 9 for each of 4 data ranks, 10 where DualPipe wants them even (too few for it: 1F1B takes 9).
TEST(SimulateReinforcement, TrainsOnPackedAnswers) {
  const Projection projection = simulate_reinforcement(small_plan(), folded());
  EXPECT_EQ(projection.scenario.micro_batches, 9);
  EXPECT_EQ(projection.scenario.schedule, "1f1b");
  const double step = projection.step.rank0.time.value;
  EXPECT_NEAR(hours_of(*projection.run, "training"), 20 * step / 3600 * 512 / 0.95,
              1e-6 * projection.run->gpu_hours);
}

TEST(SimulateReinforcement, IsLinearInTurnsAndGrowsWithLength) {
  const double once = simulate_reinforcement(small_plan(20), folded()).run->gpu_hours;
  EXPECT_NEAR(simulate_reinforcement(small_plan(40), folded()).run->gpu_hours, 2 * once,
              1e-9 * once);
  EXPECT_GT(simulate_reinforcement(small_plan(20, 4000), folded()).run->gpu_hours, once);
}

// A wide spread makes a turn wait for its longest answer.
TEST(SimulateReinforcement, LongAnswersHoldATurnUp) {
  Reinforcement plan = small_plan();
  const double before = hours_of(*simulate_reinforcement(plan, folded()).run, "sampling");
  plan.assumptions.length_spread.value = 0;
  EXPECT_LT(hours_of(*simulate_reinforcement(plan, folded()).run, "sampling"), 0.6 * before);
}

TEST(SimulateReinforcement, ListsWhatItAssumes) {
  Reinforcement plan = small_plan();
  plan.assumptions.switch_time.high = {60};
  const Projection projection = simulate_reinforcement(plan, folded());
  ASSERT_EQ(projection.provenance.assumptions.size(), 5U);
  const AssumptionEffect& pause = projection.provenance.assumptions[3];
  EXPECT_EQ(pause.what, "switch_time");
  EXPECT_NEAR(pause.gpu_hours_high - projection.run->gpu_hours, 10 * 3 * 30.0 / 3600 * 512 / 0.95,
              1e-9);
  EXPECT_NEAR(pause.gpu_hours_low, projection.run->gpu_hours, 1e-9);
}

}  // namespace
}  // namespace windtunnel
