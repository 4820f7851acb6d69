#include "simulator/study/serving.h"

#include <gtest/gtest.h>

#include "tests/study/folded.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

ServingProjection projected(const ServingScenario& scenario) {
  return simulate_serving(scenario, folded());
}

TEST(SimulateServing, FillsTheWholeProjection) {
  const ServingProjection p = projected(v3_on_h200());
  EXPECT_EQ(p.scenario.gpus, 8);
  EXPECT_EQ(p.scenario.weights, "fp8");
  EXPECT_EQ(p.kv_bytes_per_token, 70272);
  EXPECT_EQ(p.max_tokens_in_cache, p.memory.front().max_tokens);
  ASSERT_TRUE(p.rates);
  ASSERT_TRUE(p.queue);
  EXPECT_EQ(p.queue->requests, 2000);
  EXPECT_NEAR(p.shares.measured + p.shares.scaled + p.shares.estimated, 1, 1e-12);
  EXPECT_GT(p.shares.measured, 0.5);
  EXPECT_EQ(p.published.size(), 4U);
  EXPECT_GE(p.inputs.size(), 5U);
  EXPECT_EQ(p.unpriced, "");
}

TEST(SimulateServing, SaysWhenItIsDone) {
  double share = 0;
  simulate_serving(qwen_on_a100(), {.fidelity = Fidelity::kFolded,
                                    .threads = 1,
                                    .root = ".",
                                    .progress = [&](double done) { share = done; }});
  EXPECT_EQ(share, 1);
}

TEST(SimulateServing, UnitsHaveALedgerEach) {
  const ServingProjection p = projected(v3_units({{"requests.count", "100"}}));
  ASSERT_EQ(p.memory.size(), 2U);
  EXPECT_EQ(p.scenario.units[1].name, "prefill_unit");
  EXPECT_EQ(p.max_tokens_in_cache, 80 * p.memory.front().max_tokens);
  EXPECT_EQ(p.scenario.gpus, 640);
}

TEST(SimulateServing, WithoutPricesThereIsMemory) {
  const ServingProjection p = projected(deployment("deepseek-v3/serve-a100-int8"));
  EXPECT_FALSE(p.rates);
  EXPECT_FALSE(p.queue);
  EXPECT_EQ(p.unpriced, "no INT8 kernels were measured");
  EXPECT_TRUE(p.memory.front().fits);
}

TEST(SimulateServing, WithoutRoomThereAreNoTimes) {
  const ServingProjection p =
      projected(v3_on_h200({{"unit.gpus", "4"}, {"unit.tensor", "4"}, {"unit.expert", "4"}}));
  EXPECT_FALSE(p.memory.front().fits);
  EXPECT_EQ(p.unpriced, "not one mean request fits into the memory");
}

TEST(SimulateServing, SaysOnWhichGpusTheModelFits) {
  const ServingProjection p = projected(v3_on_h200({{"requests.count", "1"}}));
  for (const FitsOn& it : p.fits_on) {
    EXPECT_EQ(it.gpu.find("A100"), std::string::npos) << "no FP8";
    if (it.gpu.find("H200") != std::string::npos) {
      EXPECT_EQ(it.gpus, 8);
    }
  }
  EXPECT_GE(p.fits_on.size(), 5U);
}

}  // namespace
}  // namespace windtunnel
