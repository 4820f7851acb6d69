#include "simulator/study/step.h"

#include <gtest/gtest.h>

#include "simulator/workload/network_routes.h"
#include "simulator/workload/stages.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

StepPlan plan_of(const Scenario& scenario) {
  const ScheduleKind& schedule = main_schedule(scenario);
  return step_plan(scenario, price_step(scenario, shipped_prices(), schedule), schedule,
                   micro_batches(scenario, scenario.batch.sequences));
}

Scenario balanced(Scenario scenario) {
  scenario.assumptions.routing_deviation.value = 0;
  return scenario;
}

TEST(FoldedMembers, AreOneWhereAllRanksAreAlike) {
  EXPECT_EQ(folded_members(balanced(pretraining())), 1);
  EXPECT_EQ(folded_members(pretraining()), kRepresentatives);
  Scenario scenario = pretraining();
  scenario.parallelism.expert = 2;
  EXPECT_EQ(folded_members(scenario), 2);
}

TEST(SimulateStep, FoldedIsTheFullClusterToThePicosecondWhenRoutingIsEven) {
  const Scenario scenario = balanced(small_cluster());
  const StepPlan plan = plan_of(scenario);
  const SimulatedStep folded = simulate_step(plan, 1);
  const SimulatedStep full = simulate_step(plan, data_ranks(scenario));
  EXPECT_EQ(full.step.members, 64);
  EXPECT_EQ(folded.timeline.makespan.count, full.timeline.makespan.count);
  EXPECT_EQ(op_count(full.step.graph), 64 * op_count(folded.step.graph));
}

// A stage more or less changes nothing of this: 1F1B has other groups and no pairs.
TEST(SimulateStep, FoldedIsTheFullClusterForOneForwardOneBackwardToo) {
  Scenario scenario = balanced(small_cluster());
  scenario.schedule.name.value = "1f1b";
  const StepPlan plan = plan_of(scenario);
  EXPECT_EQ(simulate_step(plan, 1).timeline.makespan.count,
            simulate_step(plan, 64).timeline.makespan.count);
}

// Under 1F1B pipeline rank 0 has room. Two expert groups: in that of the slow GPU sends meet less
// traffic and it ends 0.07 s earlier, which leaves the step as long as the other group's.
TEST(SimulateStep, AStragglerWithRoomShortensNoStep) {
  Scenario scenario = balanced(pretraining());
  scenario.schedule.name.value = "1f1b";
  const Picoseconds without = simulate_step(plan_of(scenario), 1).timeline.makespan;
  scenario.skew.speed = {.deviation = {}, .stragglers = {{.rank = 104, .factor = 1.05}}};
  const StepPlan plan = plan_of(scenario);
  EXPECT_EQ(simulate_step(plan, folded_members(scenario)).timeline.makespan.count, without.count);
  // With a single group it is the group's own time.
  StepPlan one = plan;
  one.data_ranks = one.expert_ranks;
  one.skew.time_factors.clear();
  for (int rank = 0; rank < 16; ++rank) {
    const auto first = plan.skew.time_factors.begin() + rank * plan.data_ranks + 64;
    one.skew.time_factors.insert(one.skew.time_factors.end(), first, first + 64);
  }
  one.skew.apart = {104 - 64};
  EXPECT_LT(simulate_step(one, 2).timeline.makespan.count, without.count);
}

// V3 on 128 GPUs under every fabric, oversubscribed: leaves of 4 nodes, and of 8 GPUs of a rail or
// plane, so that the expert groups' 8 nodes share some.
TEST(SimulateStep, FoldedIsTheFullClusterOnOversubscribedFabricsToo) {
  for (const char* name : {"two-layer", "three-layer", "multi-plane", "rails"}) {
    Scenario scenario = balanced(small_cluster());
    const std::string file = std::string("topologies/h800-2048-") + name + ".toml";
    scenario.cluster.fabric = load_cluster(file, {}).fabric;
    Fabric& fabric = *scenario.cluster.fabric;
    const bool whole = std::string(name).ends_with("layer");
    fabric.leaf_down = whole ? 32 : 8;
    fabric.oversubscription = whole ? 8 : 4;
    const StepPlan plan = plan_of(scenario);
    const NetworkRoutes routes = network_routes(plan, 1);
    EXPECT_TRUE(routes.alike) << name;
    EXPECT_FALSE(routes.capacities.empty()) << name;
    const Picoseconds one = simulate_step(plan, 1).timeline.makespan;
    EXPECT_EQ(one.count, simulate_step(plan, 64).timeline.makespan.count) << name;
    scenario.cluster.fabric.reset();
    EXPECT_GT(one, simulate_step(plan_of(scenario), 1).timeline.makespan) << name;
  }
}

// AddressSanitizer slows these 2048 ranks to minutes.
#if !defined(__SANITIZE_ADDRESS__)
TEST(SimulateStep, RepresentativesAreWithinTwoPercentOfAllRanksOfV3) {
  const Scenario scenario = pretraining();
  const StepPlan plan = plan_of(scenario);
  const double folded =
      to_seconds(simulate_step(plan, folded_members(scenario)).timeline.makespan).value;
  const double full = to_seconds(simulate_step(plan, data_ranks(scenario)).timeline.makespan).value;
  EXPECT_NEAR(folded / full, 1, 0.02);
}
#endif

TEST(FoldedStepTime, GrowsByOneMicroBatchOnEveryRank) {
  const Scenario scenario = balanced(pretraining());
  const auto time = [&](int count) {
    return folded_step_time(scenario, shipped_prices(), *find_schedule("dualpipe"), count);
  };
  EXPECT_EQ(time(120).value,
            to_seconds(simulate_step(plan_of(scenario), 1).timeline.makespan).value);
  // In the steady state each further pair of micro-batches costs the same: fold_run() relies on it.
  const double early = (time(60) - time(40)).value;
  const double late = (time(120) - time(100)).value;
  EXPECT_NEAR(late / early, 1, 0.005);
}

}  // namespace
}  // namespace windtunnel
