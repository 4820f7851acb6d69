#include "simulator/workload/step_plan.h"

#include <gtest/gtest.h>

#include "simulator/workload/step_pricing.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

constexpr double kMicro = 1e-6;

PricedKernel kernel(Phase phase, Operation operation, double paired_us, double alone_us,
                    double launches, bool routed) {
  return {.op = {.phase = phase,
                 .kernel = {.operation = operation,
                            .dtype = Dtype::kFp8,
                            .m = 1,
                            .n = 1,
                            .k = 1,
                            .groups = 1},
                 .launches = launches,
                 .routed = routed},
          .price = {.paired = invented_price(paired_us * kMicro),
                    .alone = invented_price(alone_us * kMicro)}};
}

PricedTransfer transfer(Phase phase, double paired_us, double alone_us, double bytes) {
  return {.phase = phase,
          .name = "transfer",
          .price = {.paired = invented_price(paired_us * kMicro),
                    .alone = invented_price(alone_us * kMicro)},
          .scale_out = {bytes}};
}

/// One routed block with two kernels before the experts, one of them and all four transfers.
PricedStep small_step() {
  return {
      .blocks = {{.name = "layer",
                  .layer = true,
                  .routed = true,
                  .kernels = {kernel(Phase::kAttentionForward, Operation::kGemm, 10, 8, 2, false),
                              kernel(Phase::kAttentionForward, Operation::kRmsNorm, 5, 4, 1, false),
                              kernel(Phase::kMlpForward, Operation::kGroupedGemm, 40, 30, 1, true),
                              kernel(Phase::kMlpForward, Operation::kGemm, 20, 16, 1, false)},
                  .transfers = {transfer(Phase::kDispatchForward, 100, 80, 4e6),
                                transfer(Phase::kCombineForward, 200, 160, 8e6),
                                transfer(Phase::kCombineBackward, 100, 80, 4e6),
                                transfer(Phase::kDispatchBackward, 200, 160, 0)},
                  .collectives = {},
                  .shard = {}}},
      .stages = {{0}, {0, 0}},
      .send = {.price = invented_price(10 * kMicro), .scale_out = {4e5}},
      .update = {{.reduce_bytes = {1e6},
                  .gather_bytes = {5e5},
                  .reduce = invented_price(100 * kMicro),
                  .optimizer = invented_price(30 * kMicro),
                  .gather = invented_price(50 * kMicro)}}};
}

StepPlan plan_of(const Scenario& scenario, ErrorClass raised = ErrorClass::kNothing) {
  return step_plan(scenario, small_step(), *find_schedule("1f1b"), 7, raised);
}

// The gap of 2 us is added to each launch: 2 (10 + 2) + 5 + 2 us.
TEST(StepPlan, SumsLaunchesWithTheirGaps) {
  const StepPlan plan = plan_of(pretraining());
  ASSERT_EQ(plan.blocks.size(), 1U);
  EXPECT_TRUE(plan.blocks[0].routed);
  EXPECT_EQ(plan.blocks[0].paired.attention_forward.fixed.count, 31'000'000);
  EXPECT_EQ(plan.blocks[0].alone.attention_forward.fixed.count, 26'000'000);
  EXPECT_EQ(plan.blocks[0].paired.attention_forward.routed.count, 0);
  const StepPlan longer = plan_of(pretraining({{"assumptions.launch_gap.value", "3 us"}}));
  EXPECT_EQ(longer.blocks[0].paired.attention_forward.fixed.count, 34'000'000);
}

TEST(StepPlan, KeepsTheRoutedRowsApart) {
  const StepPlan plan = plan_of(pretraining());
  EXPECT_EQ(plan.blocks[0].paired.mlp_forward.routed.count, 42'000'000);
  EXPECT_EQ(plan.blocks[0].paired.mlp_forward.fixed.count, 22'000'000);
  EXPECT_EQ(plan.blocks[0].alone.mlp_forward.routed.count, 32'000'000);
}

TEST(StepPlan, PutsEachPhaseInItsPlace) {
  const Scenario scenario = pretraining();
  for (const Phase phase :
       {Phase::kAttentionForward, Phase::kMlpForward, Phase::kMlpBackward,
        Phase::kAttentionBackward, Phase::kMlpWeight, Phase::kAttentionWeight}) {
    PricedStep step = small_step();
    step.blocks[0].kernels = {kernel(phase, Operation::kGemm, 1, 1, 1, false)};
    const BlockTimes times = step_plan(scenario, step, *find_schedule("1f1b"), 7).blocks[0].paired;
    const auto count = [&](const PhaseTime& time, Phase of) {
      EXPECT_EQ(time.fixed.count, phase == of ? 3'000'000 : 0) << static_cast<int>(phase);
    };
    count(times.attention_forward, Phase::kAttentionForward);
    count(times.mlp_forward, Phase::kMlpForward);
    count(times.mlp_backward, Phase::kMlpBackward);
    count(times.attention_backward, Phase::kAttentionBackward);
    count(times.mlp_weight, Phase::kMlpWeight);
    count(times.attention_weight, Phase::kAttentionWeight);
  }
}

// 4 MB in 100 us draw 40 GB/s, 8 MB in 160 us 50 GB/s; what leaves no NIC draws nothing.
TEST(StepPlan, TransfersDrawTheirBytesInTheirTime) {
  const StepPlan plan = plan_of(pretraining());
  const BlockCost& block = plan.blocks[0];
  EXPECT_EQ(block.paired.dispatch_forward.time.count, 100'000'000);
  EXPECT_EQ(block.paired.dispatch_forward.nic_demand, 40'000'000'000);
  EXPECT_EQ(block.paired.combine_backward.nic_demand, 40'000'000'000);
  EXPECT_EQ(block.alone.combine_forward.time.count, 160'000'000);
  EXPECT_EQ(block.alone.combine_forward.nic_demand, 50'000'000'000);
  EXPECT_EQ(block.paired.dispatch_backward.time.count, 200'000'000);
  EXPECT_EQ(block.paired.dispatch_backward.nic_demand, 0);
}

// Invented prices reach to twice their time; the gap of 2 us is no price.
TEST(StepPlan, RaisesOneClassOfPricesAtATime) {
  const Scenario scenario = pretraining();
  const StepPlan linear = plan_of(scenario, ErrorClass::kLinear);
  EXPECT_EQ(linear.blocks[0].paired.attention_forward.fixed.count, 51'000'000);
  EXPECT_EQ(linear.blocks[0].paired.mlp_forward.routed.count, 42'000'000);
  EXPECT_EQ(linear.blocks[0].paired.dispatch_forward.time.count, 100'000'000);
  const StepPlan experts = plan_of(scenario, ErrorClass::kExperts);
  EXPECT_EQ(experts.blocks[0].paired.mlp_forward.routed.count, 82'000'000);
  EXPECT_EQ(experts.blocks[0].paired.attention_forward.fixed.count, 31'000'000);
  const StepPlan memory = plan_of(scenario, ErrorClass::kMemoryBound);
  EXPECT_EQ(memory.blocks[0].paired.attention_forward.fixed.count, 36'000'000);
  const StepPlan dispatch = plan_of(scenario, ErrorClass::kDispatch);
  EXPECT_EQ(dispatch.blocks[0].paired.dispatch_forward.time.count, 200'000'000);
  EXPECT_EQ(dispatch.blocks[0].paired.combine_backward.time.count, 200'000'000);
  EXPECT_EQ(dispatch.blocks[0].paired.combine_forward.time.count, 200'000'000);
  const StepPlan combine = plan_of(scenario, ErrorClass::kCombine);
  EXPECT_EQ(combine.blocks[0].paired.combine_forward.time.count, 400'000'000);
  EXPECT_EQ(combine.blocks[0].paired.dispatch_backward.time.count, 400'000'000);
  EXPECT_EQ(combine.blocks[0].paired.dispatch_forward.time.count, 100'000'000);
  const StepPlan update = plan_of(scenario, ErrorClass::kUpdate);
  EXPECT_EQ(update.update[0].reduce.time.count, 200'000'000);
  EXPECT_EQ(update.update[0].optimizer.count, 60'000'000);
  EXPECT_EQ(update.update[0].gather.time.count, 100'000'000);
}

TEST(StepPlan, UpdatesReduceThenGather) {
  const StepPlan plan = plan_of(pretraining());
  ASSERT_EQ(plan.update.size(), 1U);
  EXPECT_EQ(plan.update[0].reduce.time.count, 100'000'000);
  EXPECT_EQ(plan.update[0].reduce.nic_demand, 10'000'000'000);
  EXPECT_EQ(plan.update[0].optimizer.count, 30'000'000);
  EXPECT_EQ(plan.update[0].gather.time.count, 50'000'000);
  EXPECT_EQ(plan.update[0].gather.nic_demand, 10'000'000'000);
}

// The invented send takes 10 us for 400 kB on the NIC: 40 GB/s.
TEST(StepPlan, SendsActivationsToTheNextStage) {
  const StepPlan plan = plan_of(pretraining());
  EXPECT_EQ(plan.send.time.count, 10'000'000);
  EXPECT_EQ(plan.send.nic_demand, 40'000'000'000);
  EXPECT_EQ(plan.nic_capacity, 50'000'000'000);
}

TEST(StepPlan, ReadsEitherEndOfAClass) {
  const StepPlan high = plan_of(pretraining(), ErrorClass::kSend);
  const StepPlan low =
      step_plan(pretraining(), small_step(), *find_schedule("1f1b"), 7, ErrorClass::kSend, true);
  const Price send = small_step().send.price;
  EXPECT_EQ(high.send.time, to_picoseconds(send.high));
  EXPECT_EQ(low.send.time, to_picoseconds(send.low));
  EXPECT_LT(low.send.time, high.send.time);
}

TEST(StepPlan, WithoutAPipelineThereIsNothingToSend) {
  const StepPlan plan = plan_of(pair_of_layers());
  EXPECT_EQ(plan.send.time.count, 0);
  EXPECT_EQ(plan.send.nic_demand, 0);
}

TEST(StepPlan, CarriesTheScenariosShape) {
  const StepPlan plan = plan_of(pretraining());
  EXPECT_EQ(plan.schedule, find_schedule("1f1b"));
  EXPECT_EQ(plan.shape.pipeline_ranks, 16);
  EXPECT_EQ(plan.shape.micro_batches, 7);
  EXPECT_EQ(plan.data_ranks, 128);
  EXPECT_EQ(plan.expert_ranks, 64);
  EXPECT_EQ(plan.routing.deviation, 0.08);
  EXPECT_EQ(plan.stages, (std::vector<std::vector<int>>{{0}, {0, 0}}));
}

TEST(StepPlan, APhasesHostTakesItsTimeForEveryLaunch) {
  Scenario gpt = load_scenario("scenarios/gpt/a100-node.toml", {});
  const ScheduleKind& schedule = *find_schedule("1f1b");
  const PricedStep priced = price_step(gpt, shipped_prices(), schedule);
  const auto host = [&] {
    for (const BlockCost& block : step_plan(gpt, priced, schedule, 8).blocks) {
      if (block.layer) return block.alone.mlp_forward.host.count;
    }
    return std::int64_t{-1};
  };
  // Two products, GELU, dropout, an all-reduce: 5 x 35 us.
  EXPECT_EQ(host(), 5 * 35'000'000);
  gpt.assumptions.host_launch.reset();
  EXPECT_EQ(host(), 0);
}

}  // namespace
}  // namespace windtunnel
