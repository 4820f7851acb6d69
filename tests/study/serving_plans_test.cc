#include "simulator/study/serving_plans.h"

#include <gtest/gtest.h>

#include "simulator/study/serving.h"
#include "tests/study/plan_specs.h"

namespace windtunnel {
namespace {

std::string deployment_search(const std::string& limits) {
  return "name = \"V3 on 8 H200\"\nscenario = \"" +
         shipped_file("scenarios/deepseek-v3/serve-h200.toml") +
         "\"\nobjective = \"usd_per_million_output_tokens_with_prompts\"\n[vary]\ntensor = [4, 8]\n"
         "requests = [16, 64]\n[limits]\n" +
         limits;
}

TEST(ServingPlansTest, TheBestOneSimulatesToTheSameFigures) {
  const SpecFile spec("serving_plan", deployment_search("tpot = \"1 s\"\n"));
  const PlanResult result =
      find_serving_plan(load_serving_plan(spec.path), {.top = 3, .threads = 2, .root = "."});
  ASSERT_TRUE(result.best_scenario);
  const SpecFile best("serving_best", result.best_scenario(spec.path.parent_path()));
  const ServingProjection projection = simulate_serving(
      load_serving(best.path, {}), {.fidelity = Fidelity::kFolded, .threads = 1, .root = "."});
  const PlanRow& row = result.report.best.front();
  EXPECT_EQ(projection.rates->tpot_s.value, row.takes[1].value);
  EXPECT_EQ(projection.rates->tpot_s.high, row.takes[1].high);
  EXPECT_EQ(projection.rates->ttft_s.value, row.takes[2].value);
}

TEST(ServingPlansTest, ALimitThatNoneKeepsToNamesTheNearest) {
  const SpecFile spec("serving_limit", deployment_search("tpot = \"1 us\"\n"));
  const PlanReport report =
      find_serving_plan(load_serving_plan(spec.path), {.top = 3, .threads = 1, .root = "."}).report;
  EXPECT_TRUE(report.best.empty());
  ASSERT_FALSE(report.nearest.empty());
  EXPECT_EQ(report.nearest.back().limit, 1);
}

}  // namespace
}  // namespace windtunnel
