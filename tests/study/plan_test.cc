#include "simulator/study/plan.h"

#include <gtest/gtest.h>

#include <fstream>

#include "simulator/study/simulation.h"
#include "tests/study/plan_specs.h"

namespace windtunnel {
namespace {

PlanOptions quick() { return {.top = 4, .threads = 2, .root = "."}; }

constexpr const char* kChoices =
    "pipeline = [1, 2]\ntensor = [1, 2]\nmicro_batch = [1, 2]\nzero_stage = [0, 1]\n";

TEST(Plan, TheBestOneSimulatesToTheSameFigures) {
  const SpecFile spec("plan", small_search(kChoices));
  const PlanResult result = find_plan(spec.path, quick());
  ASSERT_TRUE(result.best_scenario);
  const SpecFile best("plan_best", result.best_scenario(spec.path.parent_path()));
  const Projection projection = simulate(
      load_scenario(best.path, {}), {.fidelity = Fidelity::kFolded, .threads = 2, .root = "."});
  const PlanRow& row = result.report.best.front();
  EXPECT_EQ(projection.run->gpu_hours, row.takes[0].value);
  EXPECT_EQ(projection.run->gpu_hours_low, row.takes[0].low);
  EXPECT_EQ(projection.run->gpu_hours_high, row.takes[0].high);
  EXPECT_EQ(projection.run->days, row.takes[1].value);
  EXPECT_EQ(projection.run->cost.value, row.takes[2].value);
  EXPECT_EQ(projection.memory.peak.value, row.takes[3].value);
}

TEST(Plan, AKnownPlanHasItsPlace) {
  const SpecFile spec(
      "plan_mark",
      small_search(kChoices, "[[marks]]\nname = \"as written\"\nscenario = \"" +
                                 shipped_file("scenarios/gpt/a100-node.toml") + "\"\n"));
  const PlanReport report = find_plan(spec.path, quick()).report;
  ASSERT_EQ(report.marks.size(), 1U);
  const MarkedPlan& mark = report.marks.front();
  EXPECT_GT(mark.better, 0);
  ASSERT_TRUE(mark.nearest);
  EXPECT_LE(report.front[static_cast<std::size_t>(*mark.nearest)].takes[0].value,
            mark.takes[0].value);
}

TEST(Plan, WhatCannotBeKeptToIsNamedWithTheNearest) {
  const SpecFile spec("plan_limit", small_search(kChoices, "limits.memory = \"1 GB\"\n"));
  const PlanResult result = find_plan(spec.path, quick());
  EXPECT_FALSE(result.best_scenario);
  ASSERT_EQ(result.report.nearest.size(), 1U);
  EXPECT_EQ(result.report.nearest[0].limit, 3);
  EXPECT_GT(result.report.nearest[0].plan.takes[3].value, 1e9);
}

/// Answers of an earlier search; asks what they lack, and counts that.
struct Remembered {
  KnownAnswers known;
  int asked = 0;

  std::function<AnswerQuestions(const PlanBatch&)> answers() {
    return [this](const PlanBatch&) {
      return [this](const std::vector<PlanQuestion>& questions, const AskPlan& ask) {
        std::vector<Objectives> all;
        for (const PlanQuestion& question : questions) {
          auto answer = known.find(question);
          if (!answer) {
            ++asked;
            answer = ask(question);
            known.add(question, *answer);
          }
          all.push_back(*answer);
        }
        return all;
      };
    };
  }
};

TEST(Plan, WhatSharesFoundNeedsNotBeFoundAgain) {
  const SpecFile spec("plan_shares", small_search(kChoices));
  Remembered alone;
  PlanOptions options = quick();
  options.answers = alone.answers();
  const PlanReport report = find_plan(spec.path, options).report;
  Remembered shares;
  options.answers = shares.answers();
  const std::int64_t plans = search_share(spec.path, {0, 2}, options).plans +
                             search_share(spec.path, {1, 2}, options).plans;
  EXPECT_EQ(plans, report.plans);
  shares.asked = 0;
  const PlanReport merged = find_plan(spec.path, options).report;
  EXPECT_EQ(merged.evaluated, report.evaluated);
  EXPECT_EQ(merged.bounded, report.bounded);
  ASSERT_EQ(merged.front.size(), report.front.size());
  for (std::size_t i = 0; i < report.front.size(); ++i) {
    EXPECT_EQ(merged.front[i].index, report.front[i].index);
    EXPECT_EQ(merged.front[i].takes[0].high, report.front[i].takes[0].high);
  }
  EXPECT_LT(shares.asked, alone.asked / 2);
}

/// A scenario that somebody edits while its plans are searched.
TEST(Plan, AFileThatChangesMeanwhileIsNamed) {
  const SpecFile scenario("plan_edited_scenario",
                          "extends = \"" + shipped_file("scenarios/gpt/a100-node.toml") + "\"\n");
  const SpecFile spec("plan_edited", "name = \"edited\"\nscenario = \"" + scenario.path.string() +
                                         "\"\nobjective = \"gpu_hours\"\n[vary]\n" + kChoices);
  EXPECT_EQ(find_plan(spec.path, quick()).changed, "");
  PlanOptions options = quick();
  options.answers = [&](const PlanBatch&) {
    std::ofstream(scenario.path, std::ios::app) << "name = \"another\"\n";
    return answers_here(1);
  };
  EXPECT_EQ(find_plan(spec.path, options).changed, scenario.path.string());
  EXPECT_NE(search_share(spec.path, {0, 2}, options).changed, "");
}

}  // namespace
}  // namespace windtunnel
