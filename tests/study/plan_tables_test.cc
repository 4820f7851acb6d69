#include "simulator/study/plan_tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "simulator/workload/stages.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

/// The ledger has the same fullest rank, whichever way it is added up.
void expect_same_memory(Scenario scenario) {
  const ScheduleKind& kind = main_schedule(scenario);
  const int count = micro_batches(scenario, scenario.batch.sequences);
  const ScheduleShape shape = schedule_shape(scenario, kind, count);
  const ModelParts parts = model_parts(scenario, shipped_prices());
  const auto model = divide_model(scenario, parts, stage_count(shape));
  ASSERT_TRUE(model);
  scenario.stages.layers = model->layers;
  scenario.stages.vision.clear();
  double most = 0;
  for (const RankMemory& rank : memory(scenario, kind, count)) {
    most = std::max(most, rank.total.value);
  }
  const Bytes peak =
      peak_memory(scenario, kind, slot_profile(kind, shape), *model, parts.workspace);
  EXPECT_NEAR(peak.value / most, 1, 1e-9) << scenario.name << " under " << kind.name;
}

TEST(PlanTables, MemoryIsThatOfTheLedger) {
  expect_same_memory(pretraining());
  expect_same_memory(small_cluster());
  expect_same_memory(load_scenario("scenarios/deepseek-vl2/stage1.toml", {}));
  expect_same_memory(load_scenario("scenarios/deepseek-vl2/stage2.toml", {}));
  for (const ScheduleKind& kind : schedules()) {
    for (const int zero : {0, 1, 2, 3}) {
      Scenario scenario = dense_pipeline(kind);
      scenario.parallelism.zero_stage = zero;
      scenario.memory.recompute = zero % 2 == 0 ? Recompute::kNone : Recompute::kFull;
      expect_same_memory(scenario);
    }
  }
}

TEST(PlanTables, DeepSeeksModelInSixteenStagesIsDividedAsAssumed) {
  const ModelParts parts = model_parts(pretraining(), shipped_prices());
  const auto layers = division_of(parts, 16);
  ASSERT_TRUE(layers);
  EXPECT_EQ(std::accumulate(layers->begin(), layers->end(), 0), 61);
  EXPECT_EQ(*std::max_element(layers->begin(), layers->end()), 4);
  EXPECT_LE(layers->back(), 2);  // beside the MTP module and two heads
}

TEST(PlanTables, ProfilesAreMadeOnce) {
  ProfileShelf shelf;
  const ScheduleKind& kind = *find_schedule("1f1b");
  const ScheduleShape shape = shape_of(kind, 4, 8, 1);
  EXPECT_EQ(shelf.of(kind, shape), shelf.of(kind, shape));
}

}  // namespace
}  // namespace windtunnel
