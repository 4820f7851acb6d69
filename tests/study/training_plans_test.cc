#include "simulator/study/training_plans.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "simulator/study/simulation.h"
#include "tests/study/plan_specs.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

constexpr const char* kWide =
    "pipeline = [1, 2, 4, 8]\nvirtual_stages = [2, 3]\nschedule = [\"gpipe\", \"1f1b\", "
    "\"interleaved_1f1b\", \"zb_h1\", \"zb_v\", \"dualpipe\", \"dualpipev\"]\ntensor = [1, 2, 4]\n"
    "sequence_parallel = [true]\nzero_stage = [0, 1, 2, 3]\nshard_group = [0, 2]\n"
    "micro_batch = [1, 2, 4]\nrecompute = [\"none\", \"light\", \"full\"]\n";

/// DeepSeek-V3 on 128 GPUs, 32 micro-batches at most and no ramp.
std::string v3_search() {
  return "name = \"V3\"\nscenario = \"" + shipped_file("scenarios/deepseek-v3/pretrain.toml") +
         "\"\nobjective = \"gpu_hours\"\n[vary]\nnodes = [16]\npipeline = [2, 4]\n"
         "schedule = [\"1f1b\", \"zb_v\", \"dualpipe\", \"dualpipev\"]\nexpert = [8, 16]\n"
         "tensor = [1, 2]\nsequence_parallel = [true]\nzero_stage = [1, 3]\n"
         "micro_batch = [16, 64]\nrecompute = [\"light\"]\n";
}

TrainingPlanSpec spec_of(const std::string& text) {
  const SpecFile file("training_plans", text);
  return load_training_plan(file.path);
}

PlanSearchOptions unlimited(bool prune, int threads = 1) {
  return {.objective = 0,
          .top = 5,
          .limits = {kNone, kNone, kNone, kNone},
          .names = {"gpu_hours", "days", "usd", "memory"},
          .threads = threads,
          .prune = prune};
}

void expect_no_less_than_bounds(TrainingPlans& plans) {
  const PlanSpace space = plans.space();
  const auto block = *rc::gen::inRange<std::int64_t>(0, space.blocks);
  const auto verdicts = space.screen(block);
  const auto place = *rc::gen::inRange(0, space.block_size);
  const PlanVerdict& verdict = verdicts[static_cast<std::size_t>(place)];
  RC_PRE(verdict.rejected.empty());
  const std::int64_t index = block * space.block_size + place;
  std::vector<Objectives> bounds{verdict.least};
  for (const PlanSpace::Ask& tighten : space.tighten) bounds.push_back(tighten(index));
  const Objectives takes = plans.evaluate(index);
  for (const Objectives& least : bounds) {
    for (std::size_t i = 0; i < kObjectives; ++i) RC_ASSERT(least[i] <= takes[i]);
  }
}

RC_GTEST_PROP(TrainingPlansTest, NoDensePlanTakesLessThanItsBounds, ()) {
  static TrainingPlans plans(spec_of(small_search(kWide)), shipped_prices());
  expect_no_less_than_bounds(plans);
}

RC_GTEST_PROP(TrainingPlansTest, NoPlanOfExpertsTakesLessThanItsBounds, ()) {
  static TrainingPlans plans(spec_of(v3_search()), shipped_prices());
  expect_no_less_than_bounds(plans);
}

TEST(TrainingPlansTest, TheBestIsThatOfAnEnumeration) {
  const TrainingPlanSpec spec = spec_of(
      small_search("pipeline = [1, 2, 4]\nvirtual_stages = [2]\nschedule = [\"1f1b\", "
                   "\"interleaved_1f1b\", \"zb_h1\"]\ntensor = [1, 2]\nmicro_batch = [1, 2]\n"
                   "zero_stage = [0, 1]\nrecompute = [\"none\", \"full\"]\n"));
  TrainingPlans plans(spec, shipped_prices());
  const PlanSearch found = search_plans(plans.space(), unlimited(true, 2));
  const PlanSearch all = search_plans(plans.space(), unlimited(false));
  EXPECT_GT(found.bounded, all.evaluated / 2);
  const auto same = [](const std::vector<FoundPlan>& a, const std::vector<FoundPlan>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].index, b[i].index);
      EXPECT_EQ(a[i].takes, b[i].takes);
    }
  };
  same(found.front, all.front);
  same(found.best, all.best);
}

/// The full engine, with each of the 128 ranks and its own loads, says the same of folded plans.
TEST(TrainingPlansTest, TheFullEngineKeepsTheOrderOfTheBest) {
  TrainingPlans plans(spec_of(v3_search()), shipped_prices());
  const PlanSearch found = search_plans(plans.space(), unlimited(true, 2));
  ASSERT_EQ(found.best.size(), 5U);
  std::vector<double> full;
  for (const FoundPlan& plan : found.best) {
    const Projection projection = simulate(plans.scenario_of(plan.index), shipped_prices(),
                                           {.fidelity = Fidelity::kFull,
                                            .threads = 2,
                                            .root = ".",
                                            .intervals = false,
                                            .whole_run = false});
    full.push_back(projection.step.low.value);
  }
  constexpr double kApart = 0.01;  // closer ones may change places
  for (std::size_t a = 0; a < full.size(); ++a) {
    for (std::size_t b = a + 1; b < full.size(); ++b) {
      const double gap = found.best[b].takes[0] / found.best[a].takes[0] - 1;
      if (gap > kApart) {
        EXPECT_LT(full[a], full[b]) << a << " and " << b;
      }
    }
    EXPECT_GE(full[a], full[0] * (1 - kApart)) << a;
  }
}

TEST(TrainingPlansTest, WhatIsRejectedSaysWhy) {
  TrainingPlans plans(spec_of(small_search("tensor = [3]\n")), shipped_prices());
  const auto verdicts = plans.screen(0);
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].rejected, "N tensor ranks x N others do not divide N GPUs");
}

}  // namespace
}  // namespace windtunnel
