#include "simulator/analysis/step_parts.h"

#include <gtest/gtest.h>

#include "simulator/engine/run.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

double sum(const StepParts& parts) {
  return (parts.forward + parts.backward + parts.weight + parts.overlapped + parts.bubble +
          parts.optimizer)
      .value;
}

struct Ran {
  TrainingStep step;
  Timeline timeline;
};

Ran run_plan(const StepPlan& plan, int members) {
  TrainingStep step = lower(plan, members);
  Timeline timeline = run(step.graph);
  return {std::move(step), std::move(timeline)};
}

// 1F1B with PP 4, F = 70, B = 140: a rank does 8 F and 8 B and idles 3 x 210.
TEST(StepParts, OfOneForwardOneBackwardAreItsChunksAndTheFormulaBubble) {
  const StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 4, 8, {70, 90, 50});
  const Ran ran = run_plan(plan, 1);
  const auto spans = slot_spans(ran.step, ran.timeline);
  for (int rank = 0; rank < 4; ++rank) {
    const StepParts parts = step_parts(spans, rank, ran.timeline.makespan);
    EXPECT_NEAR(parts.forward.value, 8 * 70e-12, 1e-18);
    EXPECT_NEAR(parts.backward.value, 8 * 140e-12, 1e-18);
    EXPECT_NEAR(parts.bubble.value, 3 * 210e-12, 1e-18);
  }
}

// A send of 1000 runs on its own stream: it ends no slot later, and is bubble for who waits for it.
TEST(StepParts, LeaveSendsOutOfTheSlots) {
  StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 2, 1, {70, 90, 50});
  plan.send = {{1000}, 0};
  const Ran ran = run_plan(plan, 1);
  const auto spans = slot_spans(ran.step, ran.timeline);
  for (int rank = 0; rank < 2; ++rank) {
    const StepParts parts = step_parts(spans, rank, ran.timeline.makespan);
    EXPECT_NEAR(parts.forward.value, 70e-12, 1e-18);
    EXPECT_NEAR(parts.backward.value, 140e-12, 1e-18);
    EXPECT_NEAR(parts.bubble.value, (2000 + 210) * 1e-12, 1e-18);
  }
}

TEST(StepParts, AddUpToTheStepForEverySchedule) {
  for (const ScheduleKind& schedule : schedules()) {
    const Ran ran = run_plan(testing::routed_plan(schedule, 4, 12, 8, 8, 0.1), 8);
    const auto spans = slot_spans(ran.step, ran.timeline);
    for (int rank = 0; rank < 4; ++rank) {
      const StepParts parts = step_parts(spans, rank, ran.timeline.makespan);
      EXPECT_NEAR(sum(parts), parts.time.value, 1e-18) << schedule.name;
      EXPECT_GE(parts.bubble.value, -1e-18) << schedule.name;
      EXPECT_GT(parts.optimizer.value, 0) << schedule.name;
    }
  }
}

TEST(SlotSpans, NeverOverlapOnARank) {
  const Ran ran = run_plan(testing::routed_plan(*find_schedule("dualpipe"), 4, 12, 1, 1, 0), 1);
  const auto spans = slot_spans(ran.step, ran.timeline);
  ASSERT_FALSE(spans.empty());
  for (std::size_t i = 1; i < spans.size(); ++i) {
    if (spans[i].rank != spans[i - 1].rank) continue;
    EXPECT_GE(spans[i].start.value, spans[i - 1].end.value - 1e-18);
  }
}

// Rank 0 reduces for 50 000 ps, the others for 1000: they idle at the barrier before the update,
// which takes 500 + 2000 everywhere. 1F1B has one parameter copy, so no rank reduces with another.
TEST(StepParts, WaitingForTheGlobalNormIsIdleTimeAndNotTheOptimizers) {
  StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 4, 8, {70, 90, 50});
  plan.update.assign(4, {.reduce = {{1000}, 0}, .optimizer = {500}, .gather = {{2000}, 0}});
  plan.update[0].reduce.time = {50'000};
  const Ran ran = run_plan(plan, 1);
  const auto spans = slot_spans(ran.step, ran.timeline);
  EXPECT_NEAR(step_parts(spans, 0, ran.timeline.makespan).optimizer.value, 52'500e-12, 1e-18);
  EXPECT_NEAR(step_parts(spans, 3, ran.timeline.makespan).optimizer.value, 3500e-12, 1e-18);
}

TEST(MeanParts, AveragesEachPart) {
  const StepParts a{{10}, {1}, {2}, {3}, {4}, {0}, {0}};
  const StepParts b{{20}, {3}, {4}, {5}, {6}, {2}, {0}};
  const StepParts mean = mean_parts({a, b});
  EXPECT_EQ(mean.time.value, 15);
  EXPECT_EQ(mean.forward.value, 2);
  EXPECT_EQ(mean.bubble.value, 1);
}

}  // namespace
}  // namespace windtunnel
