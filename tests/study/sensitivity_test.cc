#include "simulator/study/sensitivity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "simulator/workload/stages.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

Sensitivity of(const Scenario& scenario, int threads = 2) {
  return sensitivity(scenario, shipped_prices(), {.threads = threads});
}

const AssumptionShift& shift(const Sensitivity& all, const std::string& what) {
  for (const AssumptionShift& one : all.assumptions) {
    if (one.what == what) return one;
  }
  throw std::logic_error("no " + what);
}

std::vector<std::string> names(const Sensitivity& all) {
  std::vector<std::string> names;
  for (const AssumptionShift& one : all.assumptions) names.push_back(one.what);
  return names;
}

/// A small cluster of which nothing is in doubt but the prices.
Scenario settled() {
  Scenario scenario = small_cluster();
  Assumptions& all = scenario.assumptions;
  all.routing_deviation = {.value = 0, .low = 0, .high = 0, .why = "settled"};
  all.sms_alone.low = all.sms_alone.high = all.sms_alone.value;
  all.launch_gap.low = all.launch_gap.high = all.launch_gap.value;
  all.gradient_overlap.low = all.gradient_overlap.high = all.gradient_overlap.value;
  all.uptime.low = all.uptime.high = all.uptime.value;
  scenario.cluster.scale_out.effective_high.reset();
  return scenario;
}

TEST(Sensitivity, AsksWhatTheScenarioLeavesOpen) {
  EXPECT_EQ(names(of(small_cluster())),
            (std::vector<std::string>{"routing_deviation", "sms_alone", "launch_gap",
                                      "gradient_overlap", "scale_out.effective", "uptime"}));
  EXPECT_EQ(names(of(pair_of_layers())),
            (std::vector<std::string>{"routing_deviation", "sms_alone", "launch_gap"}));
  Scenario divided = small_cluster();
  divided.stages.alternatives = {{31, 30}};
  const Sensitivity all = of(divided);
  EXPECT_EQ(shift(all, "stages.layers").value, "30 31");
  EXPECT_EQ(shift(all, "stages.layers").range, "30 31 or 31 30");
}

/// V3 with the fewest micro-batches that DualPipe runs, and even routing: quick to simulate.
Scenario short_v3() {
  Scenario scenario = pretraining();
  scenario.batch.sequences = scenario.batch.ramp_sequences = 32 * 128;
  scenario.assumptions.routing_deviation = {.value = 0, .low = 0, .high = 0, .why = "quick"};
  return scenario;
}

// V3's own division is too long to print stage by stage.
TEST(Sensitivity, WritesEqualStagesOnce) {
  const AssumptionShift layers = shift(of(short_v3()), "stages.layers");
  EXPECT_EQ(layers.value, "15x4 1");
  EXPECT_EQ(layers.range, "15x4 1 or 3 14x4 2 or 5 14x4 0");
}

TEST(Sensitivity, ThePairingOfUnlikeStagesMovesTheStep) {
  Scenario scenario = short_v3();
  const AssumptionShift layers = shift(of(scenario), "stages.pairing");
  EXPECT_EQ(layers.value, "layers");
  EXPECT_EQ(layers.range, "layers or blocks");
  EXPECT_GT(layers.step_high - layers.step_low, 0.001);
  // The other way round, the same two steps are compared.
  scenario.stages.pairing = Pairing::kBlocks;
  scenario.stages.pairing_alternatives = {Pairing::kLayers};
  const AssumptionShift blocks = shift(of(scenario), "stages.pairing");
  EXPECT_NEAR(layers.step_high * layers.step_low * blocks.step_high * blocks.step_low, 1, 1e-9);
}

TEST(Sensitivity, HandingOnWithTheSlotLengthensTheStep) {
  Scenario scenario = small_cluster();
  scenario.schedule.hand_on_alternatives = {HandOn::kWithSlot};
  const AssumptionShift later = shift(of(scenario), "schedule.hand_on");
  EXPECT_EQ(later.value, "ready");
  EXPECT_EQ(later.range, "ready or slot");
  EXPECT_EQ(later.step_low, 1);
  EXPECT_GT(later.step_high, 1);
}

TEST(Sensitivity, OfWhatIsSettledIsThatOfThePrices) {
  const Sensitivity all = of(settled());
  for (const AssumptionShift& one : all.assumptions) {
    EXPECT_EQ(one.step_low, 1) << one.what;
    EXPECT_EQ(one.step_high, 1) << one.what;
    EXPECT_EQ(one.run_low, 1) << one.what;
    EXPECT_EQ(one.run_high, 1) << one.what;
  }
  EXPECT_GT(all.step_low, 0.01);
  EXPECT_LT(all.step_low, 0.3);
  EXPECT_NEAR(all.step_high, all.step_low, 0.5 * all.step_low);
}

TEST(Sensitivity, ALongerGapLengthensTheStep) {
  const AssumptionShift gap = shift(of(small_cluster()), "launch_gap");
  EXPECT_EQ(gap.value, "2 us");
  EXPECT_EQ(gap.range, "1 us to 3 us");
  EXPECT_LT(gap.step_low, 1);
  EXPECT_GT(gap.step_high, 1);
  // Not quite linear: what communication hides changes with it.
  EXPECT_NEAR(1 - gap.step_low, gap.step_high - 1, 0.1 * (gap.step_high - 1));
  EXPECT_EQ(gap.run_high, gap.step_high);
}

TEST(Sensitivity, FasterNetworksAndHiddenGradientsOnlyShortenTheStep) {
  const Sensitivity all = of(small_cluster());
  for (const char* what : {"scale_out.effective", "gradient_overlap"}) {
    EXPECT_LT(shift(all, what).step_low, 1) << what;
    EXPECT_EQ(shift(all, what).step_high, 1) << what;
  }
}

TEST(Sensitivity, EvenRoutingShortensAndMoreImbalanceLengthens) {
  const AssumptionShift routing = shift(of(small_cluster()), "routing_deviation");
  EXPECT_LT(routing.step_low, 1);
  EXPECT_GT(routing.step_high, 1);
}

// 3 % of the rented time lost stretch the run by 1 / 0.97 and no step.
TEST(Sensitivity, UptimeMovesTheRunAlone) {
  const Sensitivity all = of(small_cluster());
  EXPECT_EQ(shift(all, "uptime").step_high, 1);
  EXPECT_DOUBLE_EQ(shift(all, "uptime").run_high, 1 / 0.97);
  EXPECT_EQ(shift(all, "uptime").run_low, 1);
  EXPECT_NEAR(all.run_high, std::hypot(all.step_high, 1 / 0.97 - 1), 1e-12);
  EXPECT_DOUBLE_EQ(all.run_low, all.step_low);
}

TEST(Sensitivity, IndependentCausesAddInQuadrature) {
  const Sensitivity prices = of(settled());
  Scenario gap = settled();
  gap.assumptions.launch_gap.high = {10e-6};
  const Sensitivity all = of(gap);
  EXPECT_NEAR(all.step_high, std::hypot(prices.step_high, shift(all, "launch_gap").step_high - 1),
              1e-12);
  EXPECT_DOUBLE_EQ(all.step_low, prices.step_low);
}

TEST(Sensitivity, DoesNotDependOnThreads) {
  const Sensitivity one = of(small_cluster(), 1);
  const Sensitivity two = of(small_cluster(), 2);
  EXPECT_EQ(one.run_low, two.run_low);
  EXPECT_EQ(one.run_high, two.run_high);
  for (std::size_t i = 0; i < one.assumptions.size(); ++i) {
    EXPECT_EQ(one.assumptions[i].step_low, two.assumptions[i].step_low);
    EXPECT_EQ(one.assumptions[i].step_high, two.assumptions[i].step_high);
  }
}

TEST(Sensitivity, AsksForTheHostWhereItLaunches) {
  const Scenario gpt = load_scenario("scenarios/gpt/a100-node.toml", {});
  const AssumptionShift host = shift(of(gpt), "host_launch");
  EXPECT_EQ(host.range, "17.5 us to 70 us");
  EXPECT_LE(host.step_low, 1);
  EXPECT_GT(host.step_high, 1.1);  // 70 us a kernel is more than the kernels take
}

// The interval of a scenario of which nothing else is in doubt is made of its classes.
TEST(Sensitivity, EveryClassOfPricesIsMovedAlone) {
  const Sensitivity all = of(settled());
  double low = 0;
  double high = 0;
  std::vector<std::string> classes;
  for (const ClassShift& one : all.classes) {
    EXPECT_LE(one.step_low, 1) << one.what;
    EXPECT_GE(one.step_high, 1) << one.what;
    EXPECT_LT(one.step_low, one.step_high) << one.what;
    low += (1 - one.step_low) * (1 - one.step_low);
    high += (one.step_high - 1) * (one.step_high - 1);
    classes.push_back(one.what);
  }
  EXPECT_NEAR(all.step_low, std::sqrt(low), 1e-12);
  EXPECT_NEAR(all.step_high, std::sqrt(high), 1e-12);
  for (const char* what : {"linear layers", "expert GEMMs", "dispatch", "combine"}) {
    EXPECT_NE(std::find(classes.begin(), classes.end(), what), classes.end()) << what;
  }
  // Nothing is shared among tensor ranks or sharded there.
  for (const char* what : {"tensor and context collectives", "nothing"}) {
    EXPECT_EQ(std::find(classes.begin(), classes.end(), what), classes.end()) << what;
  }
}

}  // namespace
}  // namespace windtunnel
