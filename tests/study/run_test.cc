#include "simulator/study/run.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

/// A step time that is linear in the micro-batches: 1 s and 0.1 s for each; twice that for
/// others than `main`.
StepTime linear_time(const std::string& main) {
  return [main](const ScheduleKind& schedule, int micro_batches) {
    return Seconds{(1 + 0.1 * micro_batches) * (schedule.name == main ? 1 : 2)};
  };
}

/// 64 data ranks of one sequence of 1000 tokens: a micro-batch is 64 000 tokens; 128 GPUs.
Scenario small_run(const std::string& schedule, int first, int last, double ramp, double tokens) {
  Scenario scenario = small_cluster();
  scenario.schedule.name.value = schedule;
  scenario.batch.sequence_length = 1000;
  scenario.batch.ramp_sequences = first * 64;
  scenario.batch.sequences = last * 64;
  scenario.batch.ramp_tokens = {ramp};
  scenario.run.tokens = {tokens};
  scenario.run.price_per_gpu_hour = {3};
  return scenario;
}

double tokens_of(const RunProjection& run) {
  double tokens = 0;
  for (const RunStage& stage : run.stages) tokens += stage.tokens.value;
  return tokens;
}

// 64 M tokens in steps of 10 micro-batches, 640 000 tokens: 100 steps of 2 s, 128 GPUs, 3 USD an
// hour.
TEST(FoldRun, WithoutARampEveryStepIsAlike) {
  const RunProjection run = fold_run(small_run("1f1b", 10, 10, 1e6, 64e6), linear_time("1f1b"));
  ASSERT_EQ(run.stages.size(), 1U);
  EXPECT_EQ(run.stages[0].name, "full batch");
  EXPECT_EQ(run.stages[0].micro_batches, 10);
  EXPECT_DOUBLE_EQ(run.steps, 100);
  EXPECT_DOUBLE_EQ(run.gpu_hours, 100 * 2.0 / 3600 * 128);
  EXPECT_DOUBLE_EQ(run.days, 200.0 / 86400);
  EXPECT_DOUBLE_EQ(run.cost.value, 3 * run.gpu_hours);
  EXPECT_EQ(run.gpu_hours_low, run.gpu_hours);
  EXPECT_EQ(run.tokens.value, 64e6);
  EXPECT_DOUBLE_EQ(tokens_of(run), 64e6);
}

TEST(FoldRun, ARampOverNoTokensIsNoRamp) {
  const RunProjection run = fold_run(small_run("1f1b", 2, 10, 0, 64e6), linear_time("1f1b"));
  ASSERT_EQ(run.stages.size(), 1U);
  EXPECT_DOUBLE_EQ(run.steps, 100);
  EXPECT_DOUBLE_EQ(run.stages[0].step_time.value, 2);
}

TEST(FoldRun, UptimeStretchesHoursAndNotSteps) {
  Scenario scenario = small_run("1f1b", 10, 10, 0, 64e6);
  scenario.assumptions.uptime.value = 0.5;
  const RunProjection run = fold_run(scenario, linear_time("1f1b"));
  EXPECT_DOUBLE_EQ(run.gpu_hours, 2 * 100 * 2.0 / 3600 * 128);
  EXPECT_DOUBLE_EQ(run.stages[0].step_time.value, 2);
}

// From 8 to 10 micro-batches over 12 M tokens: 6 M with 8 (512 000 tokens a step, 1.8 s), 6 M
// with 9 (576 000, 1.9 s); then 64 M with 10 (2 s).
TEST(FoldRun, ARampSpendsItsTokensEvenlyOverTheBatchSizes) {
  const RunProjection run = fold_run(small_run("1f1b", 8, 10, 12e6, 76e6), linear_time("1f1b"));
  ASSERT_EQ(run.stages.size(), 2U);
  EXPECT_EQ(run.stages[0].name, "batch ramp, 1f1b");
  EXPECT_EQ(run.stages[0].micro_batches, 9);
  const double eight = 6e6 / 512e3;
  const double nine = 6e6 / 576e3;
  EXPECT_DOUBLE_EQ(run.stages[0].steps, eight + nine);
  const double seconds = eight * 1.8 + nine * 1.9;
  EXPECT_DOUBLE_EQ(run.stages[0].gpu_hours, seconds / 3600 * 128);
  EXPECT_DOUBLE_EQ(run.stages[0].step_time.value, seconds / (eight + nine));
  EXPECT_DOUBLE_EQ(run.stages[1].steps, 100);
  EXPECT_DOUBLE_EQ(run.gpu_hours, (seconds + 200) / 3600 * 128);
  EXPECT_DOUBLE_EQ(tokens_of(run), 76e6);
}

// DualPipe on two ranks needs an even count of at least 4: 1F1B runs 2 and 3, DualPipe 4 and 6;
// 5 and 7 are passed over. Four sizes share 64 M tokens.
TEST(FoldRun, TheFallbackRunsWhatIsTooShortForTheSchedule) {
  const RunProjection run =
      fold_run(small_run("dualpipe", 2, 8, 64e6, 115.2e6), linear_time("dualpipe"));
  ASSERT_EQ(run.stages.size(), 3U);
  EXPECT_EQ(run.stages[0].schedule, "1f1b");
  EXPECT_EQ(run.stages[0].tokens.value, 32e6);
  EXPECT_DOUBLE_EQ(run.stages[0].steps, 16e6 / 128e3 + 16e6 / 192e3);
  EXPECT_DOUBLE_EQ(run.stages[0].gpu_hours, 2 * (125 * 1.2 + 16e6 / 192e3 * 1.3) / 3600 * 128);
  EXPECT_EQ(run.stages[1].schedule, "dualpipe");
  EXPECT_EQ(run.stages[1].micro_batches, 6);
  EXPECT_DOUBLE_EQ(run.stages[1].steps, 16e6 / 256e3 + 16e6 / 384e3);
  EXPECT_EQ(run.stages[2].micro_batches, 8);
  EXPECT_DOUBLE_EQ(run.stages[2].steps, 100);
  EXPECT_DOUBLE_EQ(run.steps, run.stages[0].steps + run.stages[1].steps + 100);
  EXPECT_DOUBLE_EQ(tokens_of(run), 115.2e6);
}

// Two ranks with two stages each: interleaving runs even counts and passes odd ones over, ZB-V the
// one that is too short for it.
TEST(FoldRun, TheFallbackRunsInTheSameStages) {
  Scenario scenario = small_run("interleaved_1f1b", 1, 8, 64e6, 115.2e6);
  scenario.schedule.virtual_stages = 2;
  scenario.schedule.fallback.value = "zb_v";
  const RunProjection run = fold_run(scenario, linear_time("interleaved_1f1b"));
  ASSERT_EQ(run.stages.size(), 3U);
  EXPECT_EQ(run.stages[0].schedule, "zb_v");
  EXPECT_EQ(run.stages[0].tokens.value, 16e6);
  EXPECT_DOUBLE_EQ(run.stages[0].steps, 16e6 / 64e3);
  EXPECT_EQ(run.stages[1].schedule, "interleaved_1f1b");
  EXPECT_DOUBLE_EQ(run.stages[1].steps, 16e6 / 128e3 + 16e6 / 256e3 + 16e6 / 384e3);
  EXPECT_EQ(run.stages[2].micro_batches, 8);
}

TEST(FoldRun, AsksOnlyForTheEndsOfEachSchedulesRamp) {
  std::vector<std::pair<std::string, int>> asked;
  fold_run(small_run("dualpipe", 2, 40, 64e6, 1e9),
           [&](const ScheduleKind& schedule, int micro_batches) {
             asked.emplace_back(schedule.name, micro_batches);
             return Seconds{1};
           });
  EXPECT_EQ(asked,
            (std::vector<std::pair<std::string, int>>{
                {"1f1b", 2}, {"1f1b", 3}, {"dualpipe", 4}, {"dualpipe", 38}, {"dualpipe", 40}}));
}

TEST(FoldRun, V3LosesNoToken) {
  const RunProjection run = fold_run(pretraining(), linear_time("dualpipe"));
  ASSERT_EQ(run.stages.size(), 3U);
  EXPECT_NEAR(tokens_of(run), 14.8e12, 1e3);
  double hours = 0;
  for (const RunStage& stage : run.stages) hours += stage.gpu_hours;
  EXPECT_DOUBLE_EQ(hours, run.gpu_hours);
  EXPECT_NEAR(run.stages[0].tokens.value + run.stages[1].tokens.value, 469e9, 1e3);
}

// 16 nodes that fail every 160 hours each: one failure in ten hours. Half of the hour between two
// checkpoints is lost then, and the restart: (0.5 + 0.5) / 10, and a 60th for the checkpoints.
TEST(FoldRun, FailuresTakeTheirShareOfTheHours) {
  Scenario scenario = small_run("1f1b", 10, 10, 0, 64e6);
  const double without = fold_run(scenario, linear_time("1f1b")).gpu_hours;
  scenario.failures = FailurePlan{.node_mtbf = {160 * 3600.0},
                                  .checkpoint = {60},
                                  .restart = {1800},
                                  .interval = Seconds{3600}};
  const RunProjection run = fold_run(scenario, linear_time("1f1b"));
  ASSERT_TRUE(run.goodput.has_value());
  EXPECT_NEAR(run.goodput->share, 1 / (1 + 0.1 + 1.0 / 60), 0.01);
  EXPECT_DOUBLE_EQ(run.gpu_hours, without / run.goodput->share);
  EXPECT_EQ(run.goodput->between_failures.value, 36000);
  EXPECT_LT(run.goodput->best_interval.value, 3600);
  EXPECT_FALSE(fold_run(small_run("1f1b", 10, 10, 0, 64e6), linear_time("1f1b")).goodput);
}

}  // namespace
}  // namespace windtunnel
