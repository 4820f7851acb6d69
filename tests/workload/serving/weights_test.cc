#include "simulator/workload/serving/weights.h"

#include <gtest/gtest.h>

#include "simulator/model/parameters.h"
#include "tests/model/models.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

/// Without the absorbed copies, which are no further parameters.
double parameter_bytes(const ServingScenario& scenario, const ServingUnit& unit) {
  double bytes = 0;
  for (const MemoryPart& part : weight_parts(scenario, unit)) {
    if (part.name != "absorbed up-projections") bytes += part.bytes.value;
  }
  return bytes;
}

// One GPU that holds all of it holds every parameter once.
TEST(Weights, OfOneGpuAreTheWholeModel) {
  for (const char* name : {"deepseek-v3", "deepseek-v3.2", "deepseek-v2-lite", "deepseek-moe-16b",
                           "deepseek-vl2", "r1-distill-qwen-7b", "r1-distill-llama-8b"}) {
    ServingScenario scenario = qwen_on_a100();
    scenario.model = shipped(name);
    const ParameterCount count = parameters(scenario.model);
    EXPECT_DOUBLE_EQ(parameter_bytes(scenario, scenario.unit),
                     2.0 * static_cast<double>(count.total + count.vision))
        << name;
  }
}

// 58 MoE layers, 32 experts each on a GPU, of 3 x 7168 x 2048, a byte and 4 for 128 x 128 of them;
// the router whole, BF16, 7168 and a bias an expert.
TEST(Weights, OfExpertsAreThoseOfTheRanksSlots) {
  const ServingScenario scenario = v3_on_h200();
  const auto parts = weight_parts(scenario, scenario.unit);
  const double expert = 3.0 * 7168 * 2048;
  EXPECT_DOUBLE_EQ(part_bytes(parts, "routed expert weights"),
                   58 * (32 * expert * (1 + 4.0 / 16384) + 2 * 256 * 7169.0));
  EXPECT_DOUBLE_EQ(part_bytes(parts, "shared expert weights"), 58 * expert / 8 * (1 + 4.0 / 16384));
  EXPECT_DOUBLE_EQ(part_bytes(parts, "embedding and head"), 2 * (2 * 129280.0 * 7168 / 8 + 7168));
  // 128 / 8 heads, 512 x (128 + 128), BF16.
  EXPECT_DOUBLE_EQ(part_bytes(parts, "absorbed up-projections"), 2.0 * 61 * 16 * 512 * 256);
}

// Of the report's prefill unit, section 3.4: 8 + 1 experts on a GPU; of its decode unit one, and
// the shared expert is among the copies.
TEST(Weights, RedundantExpertsTakeTheirPlace) {
  const ServingScenario scenario = v3_units();
  const double expert = 3.0 * 7168 * 2048 * (1 + 4.0 / 16384);
  const double router = 2 * 256 * 7169.0;
  EXPECT_DOUBLE_EQ(
      part_bytes(weight_parts(scenario, *scenario.prefill_unit), "routed expert weights"),
      58 * (9 * expert + router));
  const auto decoding = weight_parts(scenario, scenario.unit);
  EXPECT_DOUBLE_EQ(part_bytes(decoding, "routed expert weights"), 58 * (expert + router));
  EXPECT_THROW(part_bytes(decoding, "shared expert weights"), std::logic_error);
}

TEST(Weights, ExpertsDividedByTensorAreAsManyBytes) {
  ServingScenario scenario = v3_on_h200();
  const double by_expert = all_bytes(weight_parts(scenario, scenario.unit));
  scenario.unit.expert = 1;
  EXPECT_DOUBLE_EQ(all_bytes(weight_parts(scenario, scenario.unit)), by_expert);
}

TEST(Weights, OfAPredictionModuleAreItsBlockAndProjection) {
  ServingScenario scenario = qwen_on_a100();
  scenario.model = shipped("deepseek-v3");
  const double without = parameter_bytes(scenario, scenario.unit);
  scenario.mtp.depth = 1;
  EXPECT_NEAR(parameter_bytes(scenario, scenario.unit) - without,
              2.0 * static_cast<double>(parameters(scenario.model).mtp), 1);
}

TEST(Weights, AFormatsBytesCountItsScales) {
  EXPECT_EQ(weight_bytes(WeightFormat::kBf16), 2);
  EXPECT_EQ(weight_bytes(WeightFormat::kFp8), 1 + 4.0 / 16384);
  EXPECT_EQ(weight_bytes(WeightFormat::kInt8), 1 + 4.0 / 16384);
  EXPECT_EQ(weight_bytes(WeightFormat::kInt4), 0.5 + 2.5 / 128);
}

// model.safetensors.index.json says 688 586 727 753 bytes.
TEST(Checkpoint, OfV3IsAsLargeAsTheFiles) {
  EXPECT_NEAR(checkpoint_bytes(shipped("deepseek-v3"), WeightFormat::kFp8).value / 688586727753.0,
              1, 0.001);
  EXPECT_DOUBLE_EQ(checkpoint_bytes(shipped("r1-distill-llama-8b"), WeightFormat::kBf16).value,
                   2 * 8030261248.0);
}

}  // namespace
}  // namespace windtunnel
