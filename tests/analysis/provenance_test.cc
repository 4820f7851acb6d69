#include "simulator/analysis/provenance.h"

#include <gtest/gtest.h>

#include "simulator/workload/stages.h"
#include "simulator/workload/training_step.h"
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
                      .transfers = {},
                      .collectives = {},
                      .shard = {}}},
          .stages = {{0}},
          .send = {.price = invented_price(1), .scale_out = {1}},
          .update = {}};
}

constexpr Chunk kChunk{.direction = 0, .micro_batch = 0, .stage = 0};

const Assumption<Seconds> kNoGap{.value = {0}, .low = {0}, .high = {0}, .why = "none"};

/// Terms without the gaps, which a test of its own counts.
std::vector<PricedTerm> kernels_of(std::vector<PricedTerm> terms) {
  std::erase_if(terms, [](const PricedTerm& term) { return term.kind == TermKind::kLaunchGap; });
  return terms;
}

Slot slot(SlotKind kind) { return {.kind = kind, .forward = kChunk, .backward = kChunk}; }

// Three pairs and one forward alone: 2 launches x (3 x 10 + 1 x 4) s.
TEST(PricedTerms, CountRunsPairedAndAlone) {
  const PricedStep step = one_block({kernel(Phase::kAttentionForward, 5, 10, 4, 2)});
  const auto terms =
      kernels_of(priced_terms(step, kNoGap,
                              {slot(SlotKind::kOverlapped), slot(SlotKind::kOverlapped),
                               slot(SlotKind::kOverlapped), slot(SlotKind::kForward)}));
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
      step, kNoGap,
      {slot(SlotKind::kOverlapped), slot(SlotKind::kForward), slot(SlotKind::kForward)});
  EXPECT_EQ(terms[0].price.time.value, 4);
  EXPECT_DOUBLE_EQ(terms[0].time_in_step.value, 18);
}

// kBackward runs both parts, kBackwardInput and kWeight one each.
TEST(PricedTerms, TellThePartsOfABackwardApart) {
  const PricedStep step =
      one_block({kernel(Phase::kMlpBackward, 1, 1, 1, 1), kernel(Phase::kMlpWeight, 2, 1, 1, 1),
                 kernel(Phase::kAttentionForward, 3, 1, 1, 1)});
  const auto terms =
      kernels_of(priced_terms(step, kNoGap,
                              {slot(SlotKind::kBackward), slot(SlotKind::kBackwardInput),
                               slot(SlotKind::kWeight), slot(SlotKind::kWeight)}));
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
  const auto terms = kernels_of(priced_terms(step, kNoGap, {slot(SlotKind::kForward)}));
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[1].launches, 4);
  EXPECT_EQ(terms[1].time_in_step.value, 4);
}

// A stage with the block twice runs it twice.
TEST(PricedTerms, CountEveryLayerOfAStage) {
  PricedStep step = one_block({kernel(Phase::kMlpForward, 5, 1, 1, 1)});
  step.stages = {{0, 0}};
  EXPECT_EQ(priced_terms(step, kNoGap, {slot(SlotKind::kForward)})[0].time_in_step.value, 2);
}

// Rank 0 of V3's DualPipe runs stages 0 and 15 with 60 micro-batches each: 2 x 60 MoE layers of
// these two, and 60 of the MTP module.
TEST(PricedTerms, OfV3RankZeroAreItsTwoStages) {
  const Scenario scenario = pretraining();
  const ScheduleKind& schedule = main_schedule(scenario);
  const PricedStep step = price_step(scenario, shipped_prices(), schedule);
  const auto slots =
      schedule.slots({.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1});
  double dispatched = 0;
  double heads = 0;
  double optimizer = 0;
  for (const PricedTerm& term :
       priced_terms(step, scenario.assumptions.launch_gap, slots.front())) {
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

// Two kernels with 3 launches together, in three pairs and one forward alone: 3 x 4 gaps of 0.5 s.
TEST(PricedTerms, CountAGapForEveryLaunch) {
  const PricedStep step = one_block({kernel(Phase::kAttentionForward, 5, 10, 4, 2),
                                     kernel(Phase::kAttentionForward, 6, 1, 1, 1)});
  const Assumption<Seconds> gap{.value = {0.5}, .low = {0.25}, .high = {1}, .why = "invented"};
  const auto terms = priced_terms(step, gap,
                                  {slot(SlotKind::kOverlapped), slot(SlotKind::kOverlapped),
                                   slot(SlotKind::kOverlapped), slot(SlotKind::kForward)});
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms[2].kind, TermKind::kLaunchGap);
  EXPECT_EQ(terms[2].phase, "attn(F)");
  EXPECT_EQ(terms[2].launches, 3);
  EXPECT_EQ(terms[2].price.time.value, 1.5);
  EXPECT_EQ(terms[2].price.low.value, 0.75);
  EXPECT_EQ(terms[2].price.high.value, 3);
  EXPECT_EQ(terms[2].time_in_step.value, 6);
}

TEST(PricedTerms, AreTheSumOfTheirRuns) {
  const Scenario scenario = pretraining();
  const ScheduleKind& schedule = main_schedule(scenario);
  const PricedStep step = price_step(scenario, shipped_prices(), schedule);
  const auto slots =
      schedule.slots({.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1});
  for (const PricedTerm& term :
       priced_terms(step, scenario.assumptions.launch_gap, slots.front())) {
    double sum = 0;
    for (const TermRuns& runs : term.runs) sum += runs.count * runs.price.time.value;
    EXPECT_NEAR(sum, term.time_in_step.value, 1e-12 * sum) << term.layer << " " << term.kernel;
  }
}

/// Seconds of the ops of one kind that rank 0 runs at even routing.
double work_of(const TrainingStep& step, OpKind kind) {
  double sum = 0;
  for (OpId op = 0; op < static_cast<OpId>(op_count(step.graph)); ++op) {
    if (rank_of(step, op) != 0 || owner_of(step, op).kind != kind) continue;
    sum += to_seconds(op_at(step.graph, op).work).value;
  }
  return sum;
}

// Nothing that rank 0 simulates is left out of the terms, and nothing is counted twice.
void expect_terms_of_step(const Scenario& scenario, const ScheduleKind& schedule, int count) {
  const PricedStep priced = price_step(scenario, shipped_prices(), schedule);
  const TrainingStep step = lower(step_plan(scenario, priced, schedule, count), 1);
  double compute = 0;
  double dispatch = 0;
  double combine = 0;
  double send = 0;
  for (const PricedTerm& term :
       priced_terms(priced, scenario.assumptions.launch_gap, step.slots.front())) {
    const bool computes = term.kind == TermKind::kKernel || term.kind == TermKind::kLaunchGap;
    if (computes) compute += term.time_in_step.value;
    if (term.phase.find("dispatch") == 0) dispatch += term.time_in_step.value;
    if (term.phase.find("combine") == 0) combine += term.time_in_step.value;
    if (term.phase == "send") send += term.time_in_step.value;
  }
  // Ops are whole picoseconds.
  constexpr double kRounding = 1e-7;
  EXPECT_NEAR(compute, work_of(step, OpKind::kCompute), kRounding);
  EXPECT_NEAR(dispatch, work_of(step, OpKind::kDispatch), kRounding);
  EXPECT_NEAR(combine, work_of(step, OpKind::kCombine), kRounding);
  EXPECT_NEAR(send, work_of(step, OpKind::kSend), kRounding);
  EXPECT_EQ(send > 0, scenario.parallelism.pipeline > 1);
}

TEST(PricedTerms, AddUpToTheOpsOfTheStep) {
  Scenario scenario = pretraining();
  scenario.assumptions.routing_deviation.value = 0;
  expect_terms_of_step(scenario, main_schedule(scenario), 120);
}

// Where a rank holds the next stage too, nothing is sent: at the turn of a V, and on a single rank.
TEST(PricedTerms, AddUpToTheOpsOfEverySchedule) {
  Scenario scenario = small_cluster();
  scenario.assumptions.routing_deviation.value = 0;
  scenario.schedule.virtual_stages = 2;
  for (const int ranks : {1, 2}) {
    scenario.parallelism.pipeline = ranks;
    for (const ScheduleKind& schedule : schedules()) {
      SCOPED_TRACE(std::string(schedule.name) + " on " + std::to_string(ranks));
      const ScheduleShape shape = schedule_shape(scenario, schedule, 4);
      if (schedule.problem(shape)) continue;
      const int stages = stage_count(shape);
      scenario.stages.layers.assign(static_cast<std::size_t>(stages), 60 / stages);
      ++scenario.stages.layers.back();
      expect_terms_of_step(scenario, schedule, 4);
    }
  }
}

// The rows of one phase, gaps included, are the phase's op as often as it runs.
TEST(PricedTerms, OfAPhaseAddUpToThePhase) {
  const Scenario scenario = pretraining();
  const ScheduleKind& schedule = main_schedule(scenario);
  const PricedStep priced = price_step(scenario, shipped_prices(), schedule);
  const StepPlan plan = step_plan(scenario, priced, schedule, 120);
  const auto slots =
      schedule.slots({.pipeline_ranks = 16, .micro_batches = 120, .virtual_stages = 1});
  ASSERT_EQ(priced.blocks[2].name, "MoE layer");
  const auto whole = [](const PhaseTime& time) { return to_seconds(time.fixed + time.routed); };
  const PhaseTime paired = plan.blocks[2].paired.mlp_forward;
  const PhaseTime alone = plan.blocks[2].alone.mlp_forward;
  double sum = 0;
  double expected = 0;
  for (const PricedTerm& term :
       priced_terms(priced, scenario.assumptions.launch_gap, slots.front())) {
    if (term.layer != "MoE layer" || term.phase != "mlp(F)") continue;
    sum += term.time_in_step.value;
    ASSERT_EQ(term.runs.size(), 2U);
    expected = term.runs[0].count * whole(paired).value + term.runs[1].count * whole(alone).value;
  }
  EXPECT_GT(sum, 0);
  EXPECT_NEAR(sum, expected, 1e-9);
}

PricedTerm term(double seconds, Basis basis, bool outside) {
  PricedTerm term{.phase = "attn(F)",
                  .layer = "layer",
                  .kernel = "k",
                  .launches = 1,
                  .price = invented_price(1, basis),
                  .time_in_step = {seconds},
                  .kind = TermKind::kKernel,
                  .runs = {}};
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
  const auto terms =
      priced_terms(step, kNoGap, {slot(SlotKind::kOverlapped), slot(SlotKind::kForward)});
  const ProvenanceShares shares = provenance_shares(terms);
  EXPECT_DOUBLE_EQ(shares.measured, 0.25);
  EXPECT_DOUBLE_EQ(shares.estimated, 0.75);
  EXPECT_EQ(shares.outside_range.size(), 1U);
  // In pairs alone, nothing of the other setting counts.
  const ProvenanceShares paired =
      provenance_shares(priced_terms(step, kNoGap, {slot(SlotKind::kOverlapped)}));
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

TEST(ProvenanceShares, LeaveOutWhatIsAssumed) {
  PricedTerm gaps = term(5, Basis::kEstimated, false);
  gaps.kind = TermKind::kLaunchGap;
  EXPECT_EQ(provenance_shares({term(1, Basis::kMeasured, false), gaps}).measured, 1);
}

TEST(ProvenanceShares, OfNothingAreEstimated) { EXPECT_EQ(provenance_shares({}).estimated, 1); }

}  // namespace
}  // namespace windtunnel
