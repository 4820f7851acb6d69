#include "simulator/analysis/provenance.h"

#include <gtest/gtest.h>

#include "simulator/workload/stages.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

PricedKernel kernel(Phase phase, std::int64_t m, double paired, double alone, double launches) {
  return {.op = {.phase = phase,
                 .kernel = {.operation = Operation::kGemm,
                            .dtype = Dtype::kFp8,
                            .m = m,
                            .n = 7,
                            .k = 0,
                            .groups = 1},
                 .launches = launches,
                 .routed = false},
          .price = {.paired = invented_price(paired, Basis::kMeasured),
                    .alone = invented_price(alone, Basis::kScaled)}};
}

PricedStep one_block(std::vector<PricedKernel> kernels) {
  return {.blocks = {{.name = "layer",
                      .layer = true,
                      .routed = false,
                      .kernels = std::move(kernels),
                      .transfers = {}}},
          .stages = {{0}},
          .send = {.price = invented_price(1), .scale_out = {1}},
          .update = {}};
}

constexpr Chunk kChunk{.direction = 0, .micro_batch = 0, .stage = 0};

Slot slot(SlotKind kind) { return {.kind = kind, .forward = kChunk, .backward = kChunk}; }

// Three pairs and one forward alone: 2 launches x (3 x 10 + 1 x 4) s.
TEST(PricedTerms, CountRunsPairedAndAlone) {
  const PricedStep step = one_block({kernel(Phase::kAttentionForward, 5, 10, 4, 2)});
  const auto terms = priced_terms(step, {slot(SlotKind::kOverlapped), slot(SlotKind::kOverlapped),
                                         slot(SlotKind::kOverlapped), slot(SlotKind::kForward)});
  ASSERT_EQ(terms.size(), 1U);
  EXPECT_EQ(terms[0].phase, "attn(F)");
  EXPECT_EQ(terms[0].layer, "layer");
  EXPECT_EQ(terms[0].kernel, "gemm fp8 m=5 n=7");
  EXPECT_EQ(terms[0].launches, 2);
  EXPECT_DOUBLE_EQ(terms[0].time_in_step.value, 68);
  // The price shown is that of the setting in which it runs more often.
  EXPECT_EQ(terms[0].price.time.value, 20);
  EXPECT_EQ(terms[0].price.high.value, 40);
  EXPECT_EQ(terms[0].price.provenance.basis, Basis::kMeasured);
}

TEST(PricedTerms, ShowThePriceAloneWhereAloneIsCommoner) {
  const PricedStep step = one_block({kernel(Phase::kMlpForward, 5, 10, 4, 1)});
  const auto terms = priced_terms(
      step, {slot(SlotKind::kOverlapped), slot(SlotKind::kForward), slot(SlotKind::kForward)});
  EXPECT_EQ(terms[0].price.time.value, 4);
  EXPECT_DOUBLE_EQ(terms[0].time_in_step.value, 18);
}

// kBackward runs both parts, kBackwardInput and kWeight one each.
TEST(PricedTerms, TellThePartsOfABackwardApart) {
  const PricedStep step =
      one_block({kernel(Phase::kMlpBackward, 1, 1, 1, 1), kernel(Phase::kMlpWeight, 2, 1, 1, 1),
                 kernel(Phase::kAttentionForward, 3, 1, 1, 1)});
  const auto terms = priced_terms(step, {slot(SlotKind::kBackward), slot(SlotKind::kBackwardInput),
                                         slot(SlotKind::kWeight), slot(SlotKind::kWeight)});
  ASSERT_EQ(terms.size(), 2U);
  EXPECT_EQ(terms[0].phase, "mlp(B)");
  EXPECT_EQ(terms[0].time_in_step.value, 2);
  EXPECT_EQ(terms[1].phase, "mlp(W)");
  EXPECT_EQ(terms[1].time_in_step.value, 3);
}

TEST(PricedTerms, AddUpLaunchesOfTheSameKernelInAPhase) {
  const PricedStep step = one_block(
      {kernel(Phase::kMlpForward, 5, 1, 1, 1), kernel(Phase::kMlpForward, 6, 1, 1, 1),
       kernel(Phase::kMlpForward, 5, 1, 1, 3), kernel(Phase::kAttentionForward, 5, 1, 1, 1)});
  const auto terms = priced_terms(step, {slot(SlotKind::kForward)});
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[1].launches, 4);
  EXPECT_EQ(terms[1].time_in_step.value, 4);
}

// A stage with the block twice runs it twice.
TEST(PricedTerms, CountEveryLayerOfAStage) {
  PricedStep step = one_block({kernel(Phase::kMlpForward, 5, 1, 1, 1)});
  step.stages = {{0, 0}};
  EXPECT_EQ(priced_terms(step, {slot(SlotKind::kForward)})[0].time_in_step.value, 2);
}

// Rank 0 of V3's DualPipe runs stages 0 and 15 with 60 micro-batches each: 2 x 60 MoE layers of
// these two, and 60 of the MTP module.
TEST(PricedTerms, OfV3RankZeroAreItsTwoStages) {
  const Scenario scenario = pretraining();
  const ScheduleKind& schedule = main_schedule(scenario);
  const PricedStep step = price_step(scenario, shipped_prices(), schedule);
  const auto slots = schedule.slots({.pipeline_ranks = 16, .micro_batches = 120});
  double dispatched = 0;
  double heads = 0;
  double optimizer = 0;
  for (const PricedTerm& term : priced_terms(step, slots.front())) {
    if (term.phase == "dispatch(F)") {
      EXPECT_EQ(term.layer, "MoE layer");
      dispatched += term.time_in_step.value;
    }
    if (term.layer == "output head" && term.phase == "mlp(F)") {
      heads += term.time_in_step / term.price.time;
    }
    if (term.kernel == "adam") optimizer = term.time_in_step.value;
  }
  const SettingPrices& price = step.blocks[2].transfers[0].price;
  ASSERT_EQ(step.blocks[2].name, "MoE layer");
  EXPECT_GE(dispatched, 180 * std::min(price.paired.time, price.alone.time).value * (1 - 1e-12));
  EXPECT_LE(dispatched, 180 * std::max(price.paired.time, price.alone.time).value * (1 + 1e-12));
  EXPECT_GT(heads, 100);
  EXPECT_EQ(optimizer, step.update[0].optimizer.time.value);
}

PricedTerm term(double seconds, Basis basis, bool outside) {
  PricedTerm term{.phase = "attn(F)",
                  .layer = "layer",
                  .kernel = "k",
                  .launches = 1,
                  .price = invented_price(1, basis),
                  .time_in_step = {seconds}};
  term.price.provenance.outside_range = outside;
  return term;
}

TEST(ProvenanceShares, AreSharesOfTimeAndAddUpToOne) {
  const ProvenanceShares shares =
      provenance_shares({term(5, Basis::kMeasured, false), term(3, Basis::kScaled, false),
                         term(1, Basis::kEstimated, false), term(1, Basis::kEstimated, false)});
  EXPECT_DOUBLE_EQ(shares.measured, 0.5);
  EXPECT_DOUBLE_EQ(shares.scaled, 0.3);
  EXPECT_DOUBLE_EQ(shares.estimated, 0.2);
  EXPECT_EQ(shares.measured + shares.scaled + shares.estimated, 1);
}

// One second beside compute, measured, and three alone, estimated and outside: neither is lost.
TEST(PricedTerms, RestOnBothSettings) {
  PricedStep step = one_block({kernel(Phase::kMlpForward, 5, 1, 1, 1)});
  SettingPrices& price = step.blocks[0].kernels[0].price;
  price.paired = invented_price(1, Basis::kMeasured);
  price.alone = invented_price(3, Basis::kEstimated);
  price.alone.provenance.outside_range = true;
  const auto terms = priced_terms(step, {slot(SlotKind::kOverlapped), slot(SlotKind::kForward)});
  const ProvenanceShares shares = provenance_shares(terms);
  EXPECT_DOUBLE_EQ(shares.measured, 0.25);
  EXPECT_DOUBLE_EQ(shares.estimated, 0.75);
  EXPECT_EQ(shares.outside_range.size(), 1U);
  // In pairs alone, nothing of the other setting counts.
  const ProvenanceShares paired =
      provenance_shares(priced_terms(step, {slot(SlotKind::kOverlapped)}));
  EXPECT_DOUBLE_EQ(paired.measured, 1);
  EXPECT_TRUE(paired.outside_range.empty());
}

TEST(ProvenanceShares, NameWhatLiesOutsideOnce) {
  const ProvenanceShares shares =
      provenance_shares({term(1, Basis::kMeasured, true), term(2, Basis::kScaled, true),
                         term(1, Basis::kScaled, false)});
  EXPECT_EQ(shares.outside_range, (std::vector<std::string>{"layer attn(F): k"}));
  EXPECT_TRUE(provenance_shares({term(0, Basis::kMeasured, true)}).outside_range.empty());
}

TEST(ProvenanceShares, OfNothingAreEstimated) { EXPECT_EQ(provenance_shares({}).estimated, 1); }

}  // namespace
}  // namespace windtunnel
