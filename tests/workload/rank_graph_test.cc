#include "simulator/workload/rank_graph.h"

#include <gtest/gtest.h>

#include "simulator/engine/run.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

/// Two pipeline ranks of four data ranks in expert groups of two; sends draw 40 kB/s of a 40
/// kB/s NIC.
StepPlan small_plan() { return testing::routed_plan(*find_schedule("1f1b"), 2, 2, 4, 2, 0); }

Place place_of(int rank, std::span<const double> loads = {}) {
  return {.rank = rank, .slot = 3, .loads = loads};
}

std::int64_t length(const Timeline& timeline, OpId op) {
  const auto at = static_cast<std::size_t>(op);
  return (timeline.end[at] - timeline.start[at]).count;
}

TEST(RankGraph, GivesEachRankThreeStreamsAndANic) {
  const StepPlan plan = small_plan();
  const RankGraph build = make_rank_graph(plan, 4);
  EXPECT_EQ(build.lanes.size(), 2U);
  EXPECT_EQ(build.resources.size(), 8U);
  EXPECT_EQ(build.step.graph.members, 4);
  EXPECT_EQ(build.step.graph.lanes, 6);
  EXPECT_EQ(build.step.graph.capacities, std::vector<std::int64_t>(16, 40'000));
  EXPECT_EQ(lanes_of(build, 1).compute, build.lanes[1].compute);
}

TEST(RankGraph, ComputeScalesItsRoutedPartWithTheLoad) {
  const StepPlan plan = small_plan();
  RankGraph build = make_rank_graph(plan, 2);
  const std::vector<double> loads{0.5, 1.5};
  const RowId row =
      add_compute(build, place_of(1, loads), testing::kernels({100}, {1000}), kNone).last;
  const Timeline timeline = run(build.step.graph);
  const OpId second = op_id(build.step.graph, row, 1);
  EXPECT_EQ(length(timeline, op_id(build.step.graph, row, 0)), 600);
  EXPECT_EQ(length(timeline, second), 1600);
  EXPECT_EQ(rank_of(build.step, second), 3);
  EXPECT_EQ(owner_of(build.step, second).slot, 3);
  EXPECT_EQ(owner_of(build.step, second).kind, OpKind::kCompute);
}

TEST(RankGraph, APhaseWithoutTimeHandsItsInputOn) {
  const StepPlan plan = small_plan();
  RankGraph build = make_rank_graph(plan, 2);
  const RowId row = add_compute(build, place_of(0), testing::kernels({5}, {0}), kNone).last;
  EXPECT_EQ(add_compute(build, place_of(0), testing::kernels({0}, {0}), row).last, row);
  EXPECT_EQ(build.step.owners.size(), 1U);
}

// Members 0 and 1 form one expert group, 2 and 3 the other: each group waits for its own slowest.
TEST(RankGraph, TransfersStartWithTheirExpertGroup) {
  const StepPlan plan = small_plan();
  RankGraph build = make_rank_graph(plan, 4);
  const std::vector<double> loads{1, 2, 1, 0.5};
  const RowId before =
      add_compute(build, place_of(0, loads), testing::kernels({0}, {1000}), kNone).last;
  const RowId row = add_transfer(build, place_of(0, loads), {{100}, 0}, before, OpKind::kDispatch);
  const Timeline timeline = run(build.step.graph);
  const auto start = [&](int member) {
    return timeline.start[static_cast<std::size_t>(op_id(build.step.graph, row, member))].count;
  };
  EXPECT_EQ(start(0), 2000);
  EXPECT_EQ(start(1), 2000);
  EXPECT_EQ(start(2), 1000);
  EXPECT_EQ(start(3), 1000);
  // A rank sends its expected rows however few it receives.
  EXPECT_EQ(length(timeline, op_id(build.step.graph, row, 1)), 200);
  EXPECT_EQ(length(timeline, op_id(build.step.graph, row, 3)), 100);
}

// Both NIC directions of the sender's own rank are full: what also needs one of them waits.
TEST(RankGraph, SendsUseTheSendersWayOutAndTheReceiversWayIn) {
  const StepPlan plan = small_plan();
  const auto makespan = [&](int sender, int receiver) {
    RankGraph build = make_rank_graph(plan, 1);
    add_send(build, place_of(0), 1, kNone);
    if (sender >= 0) add_send(build, place_of(sender), receiver, kNone);
    return run(build.step.graph).makespan.count;
  };
  EXPECT_EQ(makespan(-1, 0), 1500);
  EXPECT_EQ(makespan(1, 0), 1500);
  RankGraph build = make_rank_graph(plan, 1);
  add_send(build, place_of(0), 1, kNone);
  add_nic_row(build, place_of(1), lanes_of(build, 1).communication, {{1500}, 40'000}, {}, kNone,
              OpKind::kCombine);
  // The receiver's way in carries both: each at half speed.
  EXPECT_EQ(run(build.step.graph).makespan.count, 3000);
}

/// A phase of 100 with collectives of its tensor and context ranks.
PhaseTime shared_phase(std::int64_t before, std::int64_t beside, std::int64_t context) {
  PhaseTime time = testing::kernels({100}, {0});
  time.tensor = {{before}, 0};
  time.tensor_beside = {{beside}, 0};
  time.context = {{context}, 0};
  return time;
}

// Before: 30, then 100. Beside: whichever is longer, the stream waiting for both.
TEST(RankGraph, CollectivesEndBeforeTheirPhaseOrBeforeWhatFollowsIt) {
  const StepPlan plan = small_plan();
  const auto end = [&](const PhaseTime& time) {
    RankGraph build = make_rank_graph(plan, 1);
    const RowId last = add_compute(build, place_of(0), time, kNone).last;
    return run(build.step.graph).end[static_cast<std::size_t>(last)].count;
  };
  EXPECT_EQ(end(shared_phase(30, 0, 0)), 130);
  EXPECT_EQ(end(shared_phase(0, 60, 0)), 100);
  EXPECT_EQ(end(shared_phase(0, 160, 0)), 160);
  EXPECT_EQ(end(shared_phase(0, 0, 170)), 170);
  EXPECT_EQ(end(shared_phase(30, 0, 150)), 180);
  EXPECT_EQ(end(shared_phase(30, 80, 90)), 200);  // one stream carries both
}

// A GPU of 8 SMs that kernels fill, and a collective that holds 2 of them beside: 10 are asked for,
// so both run at 4/5. The collective's 40 take 50, in which the kernels do 40 of their 100.
TEST(RankGraph, ACollectiveTakesSmsFromTheKernelsBesideIt) {
  StepPlan plan = small_plan();
  plan.sms = {.gpu = 8, .collective = 2};
  PhaseTime time = shared_phase(0, 40, 0);
  time.sms = 8;
  plan.blocks[0].alone.attention_forward = time;
  const auto end = [&] {
    RankGraph build = make_rank_graph(plan, 1);
    add_compute(build, place_of(0), time, kNone);
    return run(build.step.graph).makespan.count;
  };
  EXPECT_EQ(end(), 50 + 60);
  time.sms = 6;  // priced for the SMs that the collective leaves
  EXPECT_EQ(end(), 100);
  time = shared_phase(40, 0, 0);  // nothing beside it
  time.sms = 8;
  EXPECT_EQ(end(), 140);
  time = shared_phase(0, 40, 0);
  time.sms = 8;
  plan.sms.collective = 0;
  EXPECT_EQ(end(), 100);
}

TEST(RankGraph, GatheredAndScatteredShardsTakeSmsTooAndDispatchTakesNone) {
  StepPlan plan = small_plan();
  plan.sms = {.gpu = 8, .collective = 2};
  plan.blocks[0].shard = {.gather = {{40}, 0}, .reduce = {{40}, 0}};
  PhaseTime time = testing::kernels({100}, {0});
  time.sms = 8;
  const auto end = [&](auto add) {
    RankGraph build = make_rank_graph(plan, 1);
    add_compute(build, place_of(0), time, kNone);
    add(build);
    return run(build.step.graph).makespan.count;
  };
  EXPECT_EQ(
      end([&](RankGraph& build) { add_gather(build, place_of(0), plan.blocks[0].shard.gather); }),
      110);
  EXPECT_EQ(end([&](RankGraph& build) {
              add_transfer(build, place_of(0), {{40}, 0}, kNone, OpKind::kDispatch);
            }),
            100);
}

// Nothing of a phase starts before what its first op waits for.
TEST(RankGraph, APhaseBeginsWithItsFirstCollective) {
  const StepPlan plan = small_plan();
  for (const PhaseTime& time : {shared_phase(30, 0, 0), shared_phase(0, 60, 0),
                                shared_phase(0, 0, 60), shared_phase(0, 0, 0)}) {
    RankGraph build = make_rank_graph(plan, 1);
    const RowId before = add_compute(build, place_of(1), testing::kernels({1000}, {0}), kNone).last;
    const std::size_t ops = build.step.owners.size();
    link_rows(build.step.graph, add_compute(build, place_of(0), time, kNone).first, before);
    const Timeline timeline = run(build.step.graph);
    for (std::size_t op = ops; op < build.step.owners.size(); ++op) {
      EXPECT_GE(timeline.start[op].count, 1000);
    }
  }
}

StepPlan sharded_plan() {
  StepPlan plan = small_plan();
  plan.blocks[0].shard = {.gather = {{70}, 0}, .reduce = {{40}, 0}};
  return plan;
}

// Each gather may begin with the block before its own: 70, then blocks of 100 hide the others.
TEST(RankGraph, ParametersAreGatheredOneBlockAhead) {
  const StepPlan plan = sharded_plan();
  RankGraph build = make_rank_graph(plan, 1);
  EXPECT_EQ(build.step.graph.lanes, 10);
  RowId last = kNone;
  std::vector<RowId> gathers;
  for (int block = 0; block < 3; ++block) {
    gathers.push_back(add_gather(build, place_of(0), plan.blocks[0].shard.gather));
    last = add_compute(build, place_of(0), testing::kernels({100}, {0}), last, gathers.back()).last;
  }
  const Timeline timeline = run(build.step.graph);
  const auto start = [&](RowId row) { return timeline.start[static_cast<std::size_t>(row)].count; };
  EXPECT_EQ(start(gathers[0]), 0);
  EXPECT_EQ(start(gathers[1]), 70);   // the stream is free, nothing computed before block 0
  EXPECT_EQ(start(gathers[2]), 170);  // block 1 begins when block 0 ends
  EXPECT_EQ(timeline.makespan.count, 70 + 3 * 100);
}

TEST(RankGraph, GradientsAreScatteredBehindTheirBlock) {
  const StepPlan plan = sharded_plan();
  RankGraph build = make_rank_graph(plan, 4);
  const std::vector<double> loads{1, 1, 1, 2};
  add_compute(build, place_of(0, loads), testing::kernels({0}, {100}), kNone);
  add_scatter(build, place_of(0), plan.blocks[0].shard.reduce);
  const Timeline timeline = run(build.step.graph);
  const RowId row = build.last_scatter[0];
  for (int member = 0; member < 4; ++member) {  // all four share the parameters: the slowest counts
    const OpId op = op_id(build.step.graph, row, member);
    EXPECT_EQ(timeline.start[static_cast<std::size_t>(op)].count, 200);
  }
}

PhaseTime launched(std::int64_t kernels, std::int64_t host) {
  PhaseTime time = testing::kernels({kernels}, {0});
  time.host = {host};
  return time;
}

/// A plan whose host launches kernels.
StepPlan hosted_plan() {
  StepPlan plan = small_plan();
  plan.blocks[0].alone.mlp_forward.host = {1};
  return plan;
}

// The host needs 300 for the first phase, whose kernels take 100, and 100 for the second, whose
// kernels take 500: it is back before they end, and the third, of 50 each, waits for no one.
TEST(RankGraph, KernelsWaitForTheirHostWhichRunsAhead) {
  const StepPlan plan = hosted_plan();
  RankGraph build = make_rank_graph(plan, 1);
  const RowId first = add_compute(build, place_of(0), launched(100, 300), kNone).last;
  const RowId second = add_compute(build, place_of(0), launched(500, 100), kNone).last;
  const RowId third = add_compute(build, place_of(0), launched(50, 50), kNone).last;
  const Timeline timeline = run(build.step.graph);
  const auto end = [&](RowId row) { return timeline.end[static_cast<std::size_t>(row)].count; };
  EXPECT_EQ(end(first), 300);
  EXPECT_EQ(end(second), 800);
  EXPECT_EQ(end(third), 850);
}

TEST(RankGraph, WithoutAHostThereAreNoOpsForIt) {
  const StepPlan plan = small_plan();
  RankGraph build = make_rank_graph(plan, 1);
  add_compute(build, place_of(0), launched(100, 0), kNone);
  EXPECT_EQ(build.step.owners.size(), 1U);
  EXPECT_EQ(build.lanes.front().host, kNone);
}

}  // namespace
}  // namespace windtunnel
