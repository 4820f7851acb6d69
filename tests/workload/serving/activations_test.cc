#include "simulator/workload/serving/activations.h"

#include <gtest/gtest.h>

#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

std::vector<MemoryPart> parts_of(const ServingScenario& scenario) {
  return activation_parts(scenario, scenario.unit, group_work(scenario, scenario.unit),
                          scenario.assumptions.score_bytes.value);
}

// A prompt of 2117 tokens at once beside a request that decodes, VL2-Tiny: 10 heads, 1280 wide.
TEST(ServingActivations, OfAPromptAtOnceArePartByPart) {
  const ServingScenario scenario = deployment("deepseek-vl2/serve-tiny");
  const auto parts = parts_of(scenario);
  EXPECT_DOUBLE_EQ(part_bytes(parts, "residual stream"), 2.0 * 2 * 2118 * 1280);
  EXPECT_DOUBLE_EQ(part_bytes(parts, "eager scores"), 8.0 * 10 * 2117 * 2117);
  EXPECT_DOUBLE_EQ(part_bytes(parts, "logits"), 6.0 * 2118 * 129280);
  // Ten tiles: 729 patches of 6 x 1152 + 4304, and 196 tokens of 4 x 1152 and twice 1280.
  EXPECT_DOUBLE_EQ(part_bytes(parts, "vision activations"),
                   2.0 * 10 * (729.0 * (6 * 1152 + 4304) + 196.0 * (4 * 1152 + 2 * 1280)));
  // 6 routed experts a row: the row twice and three widths of 896.
  EXPECT_DOUBLE_EQ(part_bytes(parts, "layer activations"), 2.0 * 2118 * 6 * (2 * 1280 + 3 * 896));
  EXPECT_EQ(parts.size(), 5U);
}

TEST(ServingActivations, AChunkHoldsItsRowsOfTheScoresOnly) {
  ServingScenario scenario = deployment("deepseek-vl2/serve-tiny");
  scenario.batching.chunk = 512;
  EXPECT_DOUBLE_EQ(part_bytes(parts_of(scenario), "eager scores"), 8.0 * 10 * 512 * 2117);
  scenario.memory.scores = PromptScores::kFlash;
  EXPECT_THROW(part_bytes(parts_of(scenario), "eager scores"), std::logic_error);
}

TEST(ServingActivations, LastPositionsAreFewLogits) {
  ServingScenario scenario = deployment("deepseek-vl2/serve-tiny");
  scenario.memory.logits = LogitRows::kLast;
  EXPECT_DOUBLE_EQ(part_bytes(parts_of(scenario), "logits"), 6.0 * 2 * 129280);
}

// 4096 + 64 rows, 8 of 256 experts each, over 8 ranks; the widest half are the experts.
TEST(ServingActivations, OfExpertsAreTheRowsThatArrive) {
  const ServingScenario scenario = v3_on_h200();
  EXPECT_DOUBLE_EQ(part_bytes(parts_of(scenario), "layer activations"),
                   2 * 4160.0 * 8 / 8 * (2 * 7168 + 3 * 2048));
}

}  // namespace
}  // namespace windtunnel
