#include "simulator/study/traced_step.h"

#include <gtest/gtest.h>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

TracedStep trace(const Scenario& scenario, Fidelity fidelity) {
  return trace_step(scenario, {.fidelity = fidelity, .threads = 1, .root = ".", .progress = {}});
}

TEST(TraceStep, IsTheStepThatSimulateProjects) {
  const Scenario scenario = pair_of_layers();
  const TracedStep traced = trace(scenario, Fidelity::kFolded);
  const Projection projection = simulate(
      scenario, {.fidelity = Fidelity::kFolded, .threads = 1, .root = ".", .progress = {}});
  EXPECT_EQ(to_seconds(traced.simulated.timeline.makespan).value, projection.step.rank0.time.value);
  EXPECT_FALSE(traced.full);
}

TEST(TraceStep, FullHasEveryDataRankAndEveryOpHasARank) {
  const Scenario scenario = dense_cluster();
  const TracedStep traced = trace(scenario, Fidelity::kFull);
  EXPECT_EQ(gpus_per_data_rank(scenario), 4);
  EXPECT_EQ(traced.simulated.step.members, 8);
  std::size_t ops = 0;
  for (int rank = 0; rank < 16; ++rank) {
    for (const OpId op : traced.ranks.of(rank)) {
      EXPECT_EQ(rank_of(traced.simulated.step, op), rank);
      ++ops;
    }
  }
  EXPECT_EQ(ops, op_count(traced.simulated.step.graph));
}

}  // namespace
}  // namespace windtunnel
