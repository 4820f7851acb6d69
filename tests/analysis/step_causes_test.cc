#include "simulator/analysis/step_causes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "simulator/engine/run.h"
#include "tests/workload/scenarios.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

/// Attention of three quarters of products and a quarter of norms, alone and paired; other phases
/// of one class.
PricedBlock block_of_kernels() {
  PricedBlock block{.name = "layer",
                    .layer = true,
                    .routed = true,
                    .kernels = {},
                    .transfers = {},
                    .collectives = {},
                    .shard = {}};
  const auto add = [&](Phase phase, Operation operation, double seconds) {
    const KernelShape shape{
        .operation = operation, .dtype = Dtype::kBf16, .m = 1, .n = 1, .k = 1, .groups = 1};
    block.kernels.push_back(
        {{.phase = phase, .kernel = shape, .launches = 1, .routed = false},
         {.paired = invented_price(seconds), .alone = invented_price(seconds)}});
  };
  for (const Phase phase : {Phase::kAttentionForward, Phase::kAttentionBackward}) {
    add(phase, Operation::kGemm, 3);
    add(phase, Operation::kRmsNorm, 1);
  }
  for (const Phase phase : {Phase::kMlpForward, Phase::kMlpBackward}) {
    add(phase, Operation::kGroupedGemm, 1);
  }
  for (const Phase phase : {Phase::kMlpWeight, Phase::kAttentionWeight}) {
    add(phase, Operation::kWeightGradient, 1);
  }
  return block;
}

PricedStep priced_of_kernels() {
  return {.blocks = {block_of_kernels()},
          .stages = {{0}},
          .send = {.price = invented_price(0), .scale_out = {0}},
          .update = {}};
}

std::int64_t of(const StepCauses& causes, const std::string& name) {
  for (const Cause& cause : causes.classes) {
    if (cause.name == name) return cause.time.count;
  }
  return 0;
}

template <typename List>
std::int64_t sum(const List& list) {
  std::int64_t all = 0;
  for (const auto& one : list) all += one.time.count;
  return all;
}

StepCauses causes_of(const StepPlan& plan, int members, double gap = 0) {
  const TrainingStep step = lower(plan, members);
  return step_causes(priced_of_kernels(), {gap}, plan, step, run(step.graph));
}

// Everything one after another but mlp(W), which dispatch(B) hides: attn 4000 + 9000, of which a
// quarter are norms; mlp 4000 + 5000; attn(W) 2400; rows out 4200 + 3600, rows back 6000 + 6000.
TEST(StepCauses, AChunkAloneIsDividedByItsKernels) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  const StepCauses causes = causes_of(plan, 1);
  EXPECT_EQ(of(causes, "linear layers"), 9750);
  EXPECT_EQ(of(causes, "memory-bound kernels"), 3250);
  EXPECT_EQ(of(causes, "expert GEMMs"), 9000);
  EXPECT_EQ(of(causes, "weight gradients"), 2400);
  EXPECT_EQ(of(causes, "dispatch"), 7800);
  EXPECT_EQ(of(causes, "combine"), 12'000);
  EXPECT_EQ(causes.total.count, 44'200);
  EXPECT_EQ(causes.classes.front().name, "combine");
  EXPECT_EQ(causes.phases.front().name, "attn(B)");
  EXPECT_EQ(causes.phases.front().time.count, 9000);
  ASSERT_EQ(causes.links.size(), 2U);
  EXPECT_EQ(causes.links[0].name, kNoLink);
  EXPECT_EQ(causes.links[1].name, kScaleOut);
  EXPECT_EQ(causes.links[1].time.count, 19'800);
}

// Of a phase of 4 seconds in two launches with gaps of 2 a third is gaps.
TEST(StepCauses, GapsBetweenKernelsAreACauseOfTheirOwn) {
  StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 1, 1, {9000, 9000, 0});
  const StepCauses causes = causes_of(plan, 1, 2);
  EXPECT_EQ(of(causes, "launch gaps"), 2 * 4500);
  EXPECT_EQ(of(causes, "linear layers"), 2 * 3375);
}

// The slow one's extra tenth of 24 400, the NIC's extra time of the first example at half its need.
TEST(StepCauses, SlownessAndSharingAreNobodysPrice) {
  StepPlan plan = testing::routed_plan(*find_schedule("1f1b"), 1, 1, 2, 2, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  plan.skew.time_factors = {1, 1.1};
  const StepCauses slow = causes_of(plan, 2);
  EXPECT_EQ(of(slow, "uneven routing, speed and jitter"), 2440);
  EXPECT_EQ(of(slow, "linear layers"), 9750);
  plan.skew = {};
  plan.nic_capacity = 12'500;
  const StepCauses shared = causes_of(plan, 2);
  EXPECT_NEAR(static_cast<double>(of(shared, "sharing of links and SMs")),
              4200 + 3600 + (6000 + 6000) * 1.4, 4);
}

// However uneven: every list adds up to the picosecond.
TEST(StepCauses, EveryListAddsUpToTheStep) {
  StepPlan plan = testing::routed_plan(*find_schedule("dualpipe"), 4, 12, 8, 4, 0.2);
  plan.skew.jitter = 0.03;
  plan.skew.time_factors.assign(32, 1.0);
  plan.skew.time_factors[9] = 1.07;
  const StepCauses causes = causes_of(plan, 8, 0.37);
  EXPECT_GT(causes.total.count, 0);
  EXPECT_EQ(sum(causes.classes), causes.total.count);
  EXPECT_EQ(sum(causes.phases), causes.total.count);
  EXPECT_EQ(sum(causes.links), causes.total.count);
  EXPECT_EQ(sum(causes.bindings), causes.total.count);
  EXPECT_GT(of(causes, "optimizer and gradient reduction"), 0);
}

}  // namespace
}  // namespace windtunnel
