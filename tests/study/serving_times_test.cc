#include "simulator/study/serving_times.h"

#include <gtest/gtest.h>

#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

struct QwenTimes {
  ServingScenario scenario = qwen_on_a100();
  ServingPrices prices{shipped_prices(), scenario};
  IterationTimes times{prices, scenario, scenario.unit, {2048, 64, 8192}};

  double iteration(std::int64_t tokens, std::int64_t requests, std::int64_t context) {
    const ServingRows rows{tokens, 0, 0, requests, 1, context, 0};
    return run_iteration(prices, scenario, scenario.unit, rows).time.value +
           scenario.assumptions.iteration_gap.value.value;
  }
};

TEST(IterationTimes, AreExactAtTheirKnots) {
  QwenTimes qwen;
  EXPECT_DOUBLE_EQ(qwen.times.seconds(0, 64, 8192), qwen.iteration(0, 64, 8192));
  EXPECT_DOUBLE_EQ(qwen.times.seconds(0, 8, 1024), qwen.iteration(0, 8, 1024));
  EXPECT_DOUBLE_EQ(qwen.times.seconds(2048, 0, 128), qwen.iteration(2048, 0, 0));
  EXPECT_DOUBLE_EQ(qwen.times.seconds(512, 32, 256), qwen.iteration(512, 32, 256));
}

// Between knots a line is off by what the prices bend: less than a tenth here.
TEST(IterationTimes, AreNearBetweenKnots) {
  QwenTimes qwen;
  for (const auto& [tokens, requests, context] :
       {std::tuple(0, 48, 3000), {0, 5, 700}, {1200, 20, 1500}, {100, 50, 6000}}) {
    EXPECT_NEAR(
        qwen.times.seconds(tokens, requests, context) / qwen.iteration(tokens, requests, context),
        1, 0.1)
        << tokens << " " << requests << " " << context;
  }
}

TEST(IterationTimes, TheSlopeIsThatOfTheLine) {
  QwenTimes qwen;
  const auto slope = qwen.times.slope(0, 20, 3000);
  EXPECT_EQ(slope.until, 4096);
  EXPECT_NEAR(qwen.times.seconds(0, 20, 3000) + 500 * slope.per_token,
              qwen.times.seconds(0, 20, 3500), 1e-12);
  EXPECT_EQ(qwen.times.slope(0, 20, 10).until, 128);
  EXPECT_EQ(qwen.times.slope(0, 20, 10).per_token, 0);
}

// Chunks of one prompt take as long as the whole of it.
TEST(IterationTimes, ChunksOfAPromptAddUp) {
  QwenTimes qwen;
  const double whole = qwen.times.prompt_seconds(4096, 0, true);
  const double chunks =
      qwen.times.prompt_seconds(1024, 0, true) + qwen.times.prompt_seconds(3072, 1024, false);
  EXPECT_NEAR(chunks / whole, 1, 0.15);
  EXPECT_GT(qwen.times.prompt_seconds(1024, 3072, false),
            qwen.times.prompt_seconds(1024, 1024, false));
}

TEST(IterationTimes, AreScaledWithPromptsAndWithout) {
  const ServingScenario scenario = deployment("deepseek-vl2/serve");
  ServingPrices prices(shipped_prices(), scenario);
  const IterationTimes times(prices, scenario, scenario.unit, {2117, 2, 2629});
  const IterationTimes other = times.scaled({.prompt = 3, .decode = 2});
  EXPECT_NEAR(other.seconds(0, 1, 700) / times.seconds(0, 1, 700), 2, 1e-12);
  EXPECT_NEAR(other.seconds(0, 2, 2629) / times.seconds(0, 2, 2629), 2, 1e-12);
  EXPECT_NEAR(other.seconds(500, 1, 700) / times.seconds(500, 1, 700), 3, 1e-12);
  EXPECT_NEAR(other.seconds(2117, 2, 2629) / times.seconds(2117, 2, 2629), 3, 1e-12);
  EXPECT_NEAR(other.prompt_seconds(512, 256, true) / times.prompt_seconds(512, 256, true), 3,
              1e-12);
}

TEST(IterationTimes, AnImageIsPaidForOnce) {
  const ServingScenario scenario = deployment("deepseek-vl2/serve");
  ServingPrices prices(shipped_prices(), scenario);
  const IterationTimes times(prices, scenario, scenario.unit, {2117, 1, 2629});
  EXPECT_GT(times.prompt_seconds(512, 0, true), 2 * times.prompt_seconds(512, 0, false));
}

}  // namespace
}  // namespace windtunnel
