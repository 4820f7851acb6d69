#include "simulator/study/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "simulator/base/error.h"
#include "tests/base/temporary_folder.h"
#include "tests/study/folded.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

Projection project(const Scenario& scenario, int threads = 2,
                   const std::filesystem::path& root = ".") {
  return simulate(scenario, {.fidelity = Fidelity::kFolded, .threads = threads, .root = root});
}

/// Projected once for all tests that only look.
const Projection& v3() {
  static const Projection projection = project(pretraining());
  return projection;
}

const Projection& pair() {
  static const Projection projection = project(pair_of_layers());
  return projection;
}

const Projection& small() {
  static const Projection projection = project(small_cluster());
  return projection;
}

const CommunicationKind& kind(const Projection& projection, const std::string& name) {
  for (const CommunicationKind& one : projection.communication.kinds) {
    if (one.name == name) return one;
  }
  throw std::logic_error("no " + name);
}

/// Every projected number of a document but those of `engine`.
std::vector<double> numbers(const Projection& p) {
  std::vector<double> all{p.step.low.value,
                          p.step.high.value,
                          p.communication.total.value,
                          p.communication.exposed.value,
                          p.communication.waiting.value,
                          p.throughput.mfu.causal,
                          p.throughput.tokens_per_day,
                          p.memory.peak.value,
                          p.provenance.measured,
                          p.provenance.scaled};
  for (const StepParts& part : p.step.ranks) {
    all.insert(all.end(), {part.time.value, part.bubble.value, part.overlapped.value});
  }
  for (const RankMemory& rank : p.memory.ranks) all.push_back(rank.total.value);
  for (const PricedTerm& term : p.terms) {
    all.insert(all.end(), {term.time_in_step.value, term.price.low.value, term.price.high.value});
  }
  for (const AssumptionEffect& effect : p.provenance.assumptions) {
    all.insert(all.end(), {effect.gpu_hours_low, effect.gpu_hours_high, effect.step_low_s});
  }
  for (const SlotSpan& span : p.timeline) {
    all.insert(all.end(), {span.start.value, span.end.value});
  }
  if (p.run) {
    all.insert(all.end(), {p.run->gpu_hours, p.run->gpu_hours_low, p.run->gpu_hours_high});
    for (const RunStage& stage : p.run->stages) all.push_back(stage.gpu_hours);
  }
  return all;
}

TEST(Simulate, ThePartsOfV3sStepAddUp) {
  ASSERT_EQ(v3().step.ranks.size(), 16U);
  for (const StepParts& rank : v3().step.ranks) {
    EXPECT_NEAR(sum(rank), rank.time.value, 1e-9);
    EXPECT_EQ(rank.time.value, v3().step.rank0.time.value);
    EXPECT_GT(rank.bubble.value, 0);
    EXPECT_GT(rank.optimizer.value, 0);
  }
  EXPECT_NEAR(sum(v3().step.mean), v3().step.mean.time.value, 1e-9);
  EXPECT_LT(v3().step.low.value, v3().step.rank0.time.value);
  EXPECT_GT(v3().step.high.value, v3().step.rank0.time.value);
}

TEST(Simulate, TheSumsOfV3AddUp) {
  double total = 0;
  for (const CommunicationKind& one : v3().communication.kinds) {
    total += one.total.value;
    EXPECT_LE(one.exposed.value, one.total.value) << one.name;
    EXPECT_GT(one.total.value, 0) << one.name;
  }
  EXPECT_NEAR(total, v3().communication.total.value, 1e-9);
  EXPECT_DOUBLE_EQ(v3().provenance.measured + v3().provenance.scaled + v3().provenance.estimated,
                   1);
  ASSERT_TRUE(v3().run.has_value());
  double hours = 0;
  double low = 0;
  for (const RunStage& stage : v3().run->stages) {
    hours += stage.gpu_hours;
    low += stage.gpu_hours_low;
  }
  EXPECT_NEAR(hours, v3().run->gpu_hours, 1e-3);
  EXPECT_NEAR(low, v3().run->gpu_hours_low, 1e-3);
  EXPECT_DOUBLE_EQ(v3().run->cost.value, 2 * v3().run->gpu_hours);
  double fullest = 0;
  for (const RankMemory& rank : v3().memory.ranks) {
    fullest = std::max(fullest, rank.total.value);
  }
  EXPECT_EQ(v3().memory.peak.value, fullest);
  EXPECT_EQ(v3().memory.ranks[static_cast<std::size_t>(v3().memory.peak_rank)].total.value,
            fullest);
  EXPECT_TRUE(v3().memory.fits);
}

// Of the full batch, the run's last stage repeats the simulated step.
TEST(Simulate, TheRunRepeatsTheSimulatedStep) {
  const RunStage& last = v3().run->stages.back();
  EXPECT_NEAR(last.step_time.value, v3().step.rank0.time.value, 1e-9);
  EXPECT_NEAR(last.steps, (14.8e12 - 469e9) / (15360.0 * 4096), 1e-6);
}

// Each of 60 micro-batches a direction runs forward and backward on both stages.
TEST(Simulate, TheTimelineHoldsEverySlotOfEveryRank) {
  int forwards = 0;
  double updates = 0;
  for (const SlotSpan& span : v3().timeline) {
    if (span.rank != 3) continue;
    forwards += span.kind == "forward" || span.kind == "overlapped" ? 1 : 0;
    updates += span.kind == "optimizer" ? (span.end - span.start).value : 0;
    EXPECT_LE(span.end.value, v3().step.rank0.time.value);
  }
  EXPECT_EQ(forwards, 120);
  EXPECT_GT(updates, 0);
  EXPECT_NEAR(updates, v3().step.ranks[3].optimizer.value, 1e-9);
}

TEST(Simulate, APairIsOneOverlappedSlotAndNoRun) {
  const StepParts& parts = pair().step.rank0;
  EXPECT_NEAR(sum(parts), parts.time.value, 1e-12);
  EXPECT_EQ(parts.forward.value, 0);
  EXPECT_EQ(parts.optimizer.value, 0);
  EXPECT_NEAR(parts.overlapped.value, parts.time.value, 1e-12);
  EXPECT_FALSE(pair().run.has_value());
  EXPECT_TRUE(pair().published.empty());
  // One stream runs all compute; transfers and gaps of 2 us add at most their own time.
  double compute = 0;
  double rest = 0;
  for (const PricedTerm& term : pair().terms) {
    const bool moved = term.phase.find("dispatch") == 0 || term.phase.find("combine") == 0;
    (moved ? rest : compute) += term.time_in_step.value;
  }
  EXPECT_GT(parts.time.value, compute * (1 - 1e-9));
  EXPECT_LT(parts.time.value, compute + rest);
  EXPECT_GT(pair().provenance.measured, 0.9);
}

TEST(Simulate, SaysWhatItSimulated) {
  EXPECT_EQ(v3().scenario.gpus, 2048);
  EXPECT_EQ(v3().scenario.data, 128);
  EXPECT_EQ(v3().scenario.micro_batches, 120);
  EXPECT_EQ(v3().scenario.schedule, "dualpipe");
  EXPECT_EQ(v3().engine.fidelity, "folded");
  EXPECT_EQ(v3().engine.ranks, 64);
  EXPECT_EQ(pair().scenario.kind, "overlapped_pair");
  for (const InputFile& input : v3().inputs) EXPECT_EQ(input.hash.size(), 32U) << input.path;
  EXPECT_EQ(v3().published.size(), 7U);
}

TEST(Simulate, DoesNotDependOnThreads) {
  EXPECT_EQ(numbers(small()), numbers(project(small_cluster(), 1)));
  EXPECT_EQ(numbers(pair()), numbers(project(pair_of_layers(), 1)));
}

// What was published must not price anything.
TEST(Simulate, ProjectsTheSameWithoutThePublishedFigures) {
  const TemporaryFolder root;
  for (const char* name : {"bench", "topologies"}) {
    std::filesystem::create_directory_symlink(std::filesystem::absolute(name), root.path / name);
  }
  const Projection blind = project(pretraining(), 2, root.path);
  EXPECT_TRUE(blind.published.empty());
  EXPECT_EQ(numbers(blind), numbers(v3()));
}

TEST(Simulate, FullFidelityRunsEveryRank) {
  Scenario scenario = small_cluster();
  scenario.assumptions.routing_deviation.value = 0;
  const Projection folded = project(scenario);
  const Projection full =
      simulate(scenario, {.fidelity = Fidelity::kFull, .threads = 2, .root = "."});
  EXPECT_EQ(full.engine.fidelity, "full");
  EXPECT_EQ(full.engine.ranks, 128);
  EXPECT_EQ(full.step.rank0.time.value, folded.step.rank0.time.value);
  EXPECT_NEAR(full.communication.total.value, folded.communication.total.value, 1e-9);
}

// With uneven routing every rank draws its own loads, and the step is another one than the folded.
TEST(Simulate, FullFidelityScalesWhatComesFromFoldedSteps) {
  const Projection& folded = small();
  const Projection full =
      simulate(small_cluster(), {.fidelity = Fidelity::kFull, .threads = 2, .root = "."});
  EXPECT_EQ(folded.provenance.full_over_folded, 1);
  const double ratio = full.step.rank0.time / folded.step.rank0.time;
  EXPECT_NE(ratio, 1);
  EXPECT_DOUBLE_EQ(full.provenance.full_over_folded, ratio);
  EXPECT_NEAR(full.step.low / folded.step.low, ratio, 1e-12);
  EXPECT_NEAR(full.step.high / folded.step.high, ratio, 1e-12);
  ASSERT_EQ(full.run->stages.size(), folded.run->stages.size());
  for (std::size_t i = 0; i < full.run->stages.size(); ++i) {
    const RunStage& stage = full.run->stages[i];
    EXPECT_NEAR(stage.gpu_hours / folded.run->stages[i].gpu_hours, ratio, 1e-12) << stage.name;
  }
  for (std::size_t i = 0; i < full.provenance.assumptions.size(); ++i) {
    const AssumptionEffect& effect = full.provenance.assumptions[i];
    EXPECT_NEAR(effect.gpu_hours_high / folded.provenance.assumptions[i].gpu_hours_high, ratio,
                1e-12);
  }
}

TEST(Simulate, ValuesLieInTheirIntervalsAtBothFidelities) {
  for (const Fidelity fidelity : {Fidelity::kFolded, Fidelity::kFull}) {
    const Projection p =
        simulate(small_cluster(), {.fidelity = fidelity, .threads = 2, .root = "."});
    const auto inside = [](double low, double value, double high) {
      EXPECT_LE(low, value);
      EXPECT_LE(value, high);
    };
    inside(p.step.low.value, p.step.rank0.time.value, p.step.high.value);
    inside(p.run->gpu_hours_low, p.run->gpu_hours, p.run->gpu_hours_high);
    for (const RunStage& stage : p.run->stages) {
      inside(stage.gpu_hours_low, stage.gpu_hours, stage.gpu_hours_high);
    }
    for (const AssumptionEffect& effect : p.provenance.assumptions) {
      inside(effect.gpu_hours_low, p.run->gpu_hours, effect.gpu_hours_high);
      inside(effect.step_low_s, p.step.rank0.time.value, effect.step_high_s);
    }
  }
}

TEST(Simulate, ProgressRisesToOne) {
  std::vector<double> shares;
  simulate(pair_of_layers(), {.fidelity = Fidelity::kFolded,
                              .threads = 2,
                              .root = ".",
                              .progress = [&](double share) { shares.push_back(share); }});
  ASSERT_GT(shares.size(), 10U);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_GT(shares.front(), 0);
  EXPECT_DOUBLE_EQ(shares.back(), 1);
}

TEST(Simulate, ASlowerNicSlowsTheStep) {
  Scenario scenario = small_cluster();
  Link& link = scenario.cluster.scale_out;
  link.peak = link.peak / 2;
  link.effective = link.effective / 2;
  const Projection slow = project(scenario);
  EXPECT_GT(slow.step.rank0.time.value, small().step.rank0.time.value);
  EXPECT_GT(kind(slow, "dispatch").total.value, 1.8 * kind(small(), "dispatch").total.value);
  EXPECT_GT(kind(slow, "pipeline").total.value, 1.8 * kind(small(), "pipeline").total.value);
  EXPECT_GT(slow.communication.exposed.value, small().communication.exposed.value);
}

TEST(Simulate, SaysWhereTheModelDoesNotFit) {
  Scenario scenario = small_cluster();
  scenario.cluster.gpu.memory = small().memory.peak * 0.99;
  EXPECT_FALSE(project(scenario).memory.fits);
  scenario.cluster.gpu.memory = small().memory.peak;
  EXPECT_TRUE(project(scenario).memory.fits);
}

TEST(Simulate, TwiceTheTokensTakeTwiceTheHours) {
  Scenario scenario = small_cluster();
  scenario.batch.ramp_sequences = scenario.batch.sequences;
  const double once = project(scenario).run->gpu_hours;
  scenario.run.tokens = scenario.run.tokens * 2;
  EXPECT_DOUBLE_EQ(project(scenario).run->gpu_hours, 2 * once);
}

TEST(Simulate, MoreMicroBatchesShrinkTheBubble) {
  Scenario scenario = small_cluster();
  scenario.batch.sequences *= 4;
  const Projection longer = project(scenario);
  const auto bubble = [](const Projection& p) { return p.step.mean.bubble / p.step.mean.time; };
  EXPECT_LT(bubble(longer), bubble(small()));
  EXPECT_LT(longer.run->gpu_hours, small().run->gpu_hours);
}

TEST(Simulate, UnevenRoutingCostsTimeAndWaiting) {
  Scenario scenario = small_cluster();
  scenario.assumptions.routing_deviation.value = 0;
  const Projection even = project(scenario);
  scenario.assumptions.routing_deviation.value = 0.3;
  const Projection uneven = project(scenario);
  EXPECT_LT(even.step.rank0.time.value, small().step.rank0.time.value);
  EXPECT_GT(uneven.step.rank0.time.value, small().step.rank0.time.value);
  EXPECT_GT(uneven.communication.waiting.value, even.communication.waiting.value);
}

TEST(Simulate, LongerSequencesNeedMoreMemoryAndMoreTimeAToken) {
  Scenario scenario = small_cluster();
  scenario.batch.sequence_length *= 4;
  const Projection longer = project(scenario);
  EXPECT_GT(longer.memory.peak.value, small().memory.peak.value);
  EXPECT_LT(longer.throughput.tokens_per_s_per_gpu, small().throughput.tokens_per_s_per_gpu);
}

// An H100 differs by its NVLink alone: 450 GB/s each way instead of 200.
TEST(Simulate, H100sCommunicateFasterInsideANode) {
  Scenario scenario = small_cluster();
  scenario.parallelism.expert = 8;
  const Projection h800 = project(scenario);
  scenario.cluster.gpu = load_gpu("topologies/gpus/h100.toml", {});
  scenario.cluster.scale_up.peak = scenario.cluster.gpu.nvlink;
  scenario.cluster.scale_up.effective = scenario.cluster.gpu.nvlink * 0.8;
  const Projection h100 = project(scenario);
  EXPECT_LT(kind(h100, "dispatch").total.value, kind(h800, "dispatch").total.value);
  EXPECT_LT(h100.step.rank0.time.value, h800.step.rank0.time.value);
  EXPECT_LT(h100.provenance.measured, h800.provenance.measured);
}

// One of 128 NICs is down: two GPUs share their neighbour's, and their expert group waits for them.
TEST(Simulate, AFailedNicSlowsTheWholeStepAndNeedsEveryRank) {
  Scenario scenario = small_cluster();
  scenario.cluster.failed_nics = {5};
  EXPECT_THROW(project(scenario), ConfigError);
  const SimulationOptions full{.fidelity = Fidelity::kFull, .threads = 1, .root = "."};
  const Projection down = simulate(scenario, full);
  ASSERT_TRUE(down.network.has_value());
  EXPECT_EQ(down.network->failed_nics, 1);
  scenario.cluster.failed_nics = {};
  const Projection whole = simulate(scenario, full);
  EXPECT_FALSE(whole.network.has_value());
  EXPECT_GT(down.step.rank0.time.value, whole.step.rank0.time.value);
}

TEST(Simulate, CollidingFlowsSlowTheStepAtFullFidelity) {
  Scenario scenario = small_cluster();
  scenario.cluster.fabric = load_cluster("topologies/h800-2048-two-layer.toml", {}).fabric;
  const SimulationOptions full{.fidelity = Fidelity::kFull, .threads = 1, .root = "."};
  const Projection spread = simulate(scenario, full);
  scenario.cluster.fabric->routing = Routing::kEcmp;
  EXPECT_GT(simulate(scenario, full).step.rank0.time.value, spread.step.rank0.time.value);
  const Projection folded_step = project(scenario);
  EXPECT_NE(folded_step.network->assumption, "");
}

}  // namespace
}  // namespace windtunnel
