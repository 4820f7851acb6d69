// What a simulated step is under every schedule.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/study/folded.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

/// The dense model under every schedule of the table.
const Projection& dense(const std::string& schedule) {
  static const auto all = [] {
    std::map<std::string, Projection> projections;
    for (const ScheduleKind& kind : schedules()) {
      projections.emplace(kind.name, simulate(dense_pipeline(kind), folded()));
    }
    return projections;
  }();
  return all.at(schedule);
}

double held(const Projection& projection, const std::string& part) {
  double bytes = 0;
  for (const RankMemory& rank : projection.memory.ranks) {
    for (const MemoryPart& one : rank.parts) bytes += one.name == part ? one.bytes.value : 0;
  }
  return bytes;
}

TEST(SimulateSchedules, PartsOfEveryRankAddUp) {
  for (const ScheduleKind& schedule : schedules()) {
    SCOPED_TRACE(std::string(schedule.name));
    const Projection& projection = dense(std::string(schedule.name));
    EXPECT_EQ(projection.scenario.schedule, schedule.name);
    EXPECT_EQ(projection.scenario.virtual_stages, schedule.virtual_stages.value_or(2));
    ASSERT_EQ(projection.step.ranks.size(), 4U);
    for (const StepParts& rank : projection.step.ranks) {
      EXPECT_NEAR(sum(rank), rank.time.value, 1e-9);
      EXPECT_GT(rank.bubble.value, 0);
    }
    EXPECT_LT(projection.step.low.value, projection.step.rank0.time.value);
    EXPECT_GT(projection.step.high.value, projection.step.rank0.time.value);
    ASSERT_TRUE(projection.run.has_value());
    EXPECT_NEAR(projection.run->stages.back().step_time.value, projection.step.rank0.time.value,
                1e-9);
  }
}

// What every scheduling paper promises, of the rank with the output head, which waits for no
// other's work: two stages a rank halve 1F1B's bubble but for their sends, weight gradients put off
// shorten it to (F + B - 2W) / (F + B), a V that does both leaves the least.
TEST(SimulateSchedules, BubblesShrinkAsPublished) {
  const auto bubble = [](const char* schedule) {
    double least = dense(schedule).step.rank0.bubble.value;
    for (const StepParts& rank : dense(schedule).step.ranks) {
      least = std::min(least, rank.bubble.value);
    }
    return least;
  };
  EXPECT_NEAR(bubble("gpipe"), bubble("1f1b"), 0.01 * bubble("1f1b"));
  EXPECT_NEAR(bubble("interleaved_1f1b"), 0.5 * bubble("1f1b"), 0.05 * bubble("1f1b"));
  EXPECT_LT(bubble("zb_h1"), 0.5 * bubble("1f1b"));
  EXPECT_LT(bubble("zb_v"), 0.2 * bubble("zb_h1"));
  EXPECT_LT(bubble("dualpipev"), 0.5 * bubble("zb_h1"));
  EXPECT_LT(dense("interleaved_1f1b").step.rank0.time.value, dense("1f1b").step.rank0.time.value);
  EXPECT_LT(dense("zb_v").step.rank0.time.value, dense("zb_h1").step.rank0.time.value);
}

// One copy of the model but for DualPipe's two. Over all ranks interleaving holds more activations
// than 1F1B; of the Vs ZB-V holds fewer than DualPipeV, and both fewer than GPipe.
TEST(SimulateSchedules, MemoryIsThePublishedTradeOff) {
  const double one = held(dense("1f1b"), "gradients");
  for (const char* schedule : {"gpipe", "interleaved_1f1b", "zb_h1", "zb_v", "dualpipev"}) {
    EXPECT_NEAR(held(dense(schedule), "gradients"), one, 1) << schedule;
  }
  EXPECT_NEAR(held(dense("dualpipe"), "gradients"), 2 * one, 1);
  const auto layers = [](const char* schedule) { return held(dense(schedule), "activations"); };
  EXPECT_GT(layers("interleaved_1f1b"), layers("1f1b"));
  EXPECT_LT(layers("zb_v"), layers("dualpipev"));
  EXPECT_LT(layers("dualpipev"), layers("gpipe"));
}

}  // namespace
}  // namespace windtunnel
