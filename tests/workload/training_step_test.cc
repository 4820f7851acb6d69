#include "simulator/workload/training_step.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "simulator/engine/run.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/schedules/slot_times.h"
#include "tests/workload/step_plans.h"

namespace windtunnel {
namespace {

using testing::ChunkTimes;
using testing::ideal_plan;
using testing::routed_plan;

std::int64_t busy(const TrainingStep& step, const Timeline& timeline, int rank) {
  std::int64_t sum = 0;
  for (std::size_t op = 0; op < op_count(step.graph); ++op) {
    const auto id = static_cast<OpId>(op);
    if (rank_of(step, id) == rank && owner_of(step, id).kind == OpKind::kCompute) {
      sum += (timeline.end[op] - timeline.start[op]).count;
    }
  }
  return sum;
}

// Narayanan et al. 2021: with equal stages, 1F1B idles (PP - 1)(F + B) on every rank.
TEST(TrainingStep, OneForwardOneBackwardIdlesAsTheFormulaSays) {
  const ScheduleKind& schedule = *find_schedule("1f1b");
  for (const int ranks : {2, 4, 8}) {
    for (const int micro_batches : {ranks, 2 * ranks, 2 * ranks + 3}) {
      const StepPlan plan = ideal_plan(schedule, ranks, micro_batches, {70, 90, 50});
      const TrainingStep step = lower(plan, 1);
      const Timeline timeline = run(step.graph);
      for (int rank = 0; rank < ranks; ++rank) {
        EXPECT_EQ(timeline.makespan.count - busy(step, timeline, rank), (ranks - 1) * (70 + 140));
      }
    }
  }
}

/// A plan that hands on with the slot, a pair of which takes `overlapped`: its forward and its
/// backward save alike, the odd picosecond its backward.
StepPlan slot_plan(const ScheduleKind& schedule, const ScheduleShape& shape, ChunkTimes times,
                   std::int64_t overlapped) {
  StepPlan plan = ideal_plan(schedule, shape.pipeline_ranks, shape.micro_batches, times);
  plan.hand_on = HandOn::kWithSlot;
  const std::int64_t saved = times.forward + times.backward_input + times.weight - overlapped;
  BlockTimes& paired = plan.blocks[0].paired;
  paired.attention_forward.fixed = {times.forward - saved / 2};
  paired.attention_backward.fixed = {times.backward_input - (saved - saved / 2)};
  return plan;
}

// DeepSeek-V3 report, table 2: (PP/2 - 1)(F&B + B - 3W) on the two middle ranks when W = F, B = 2F
// and B <= F&B <= F + B, to the picosecond.
TEST(TrainingStep, DualPipeIdlesAsTheFormulaSaysOnTheMiddleRanks) {
  const ScheduleKind& schedule = *find_schedule("dualpipe");
  constexpr std::int64_t kForward = 1000;
  for (const int ranks : {4, 8, 16}) {
    for (const std::int64_t overlapped : {2000, 2345, 2999, 3000}) {
      const ScheduleShape shape = shape_of(schedule, ranks, 2 * ranks + 8, 1);
      const StepPlan plan = slot_plan(schedule, shape, {kForward, kForward, kForward}, overlapped);
      const TrainingStep step = lower(plan, 1);
      const Timeline timeline = run(step.graph);
      for (const int rank : {ranks / 2 - 1, ranks / 2}) {
        EXPECT_EQ(timeline.makespan.count - busy(step, timeline, rank),
                  (ranks / 2 - 1) * (overlapped + 2 * kForward - 3 * kForward))
            << ranks << " ranks, F&B " << overlapped;
      }
    }
  }
}

// A step without communication that hands on with its slots is the schedule on the ideal pipeline,
// whose bubbles tests/workload/schedules holds against every closed form: the same ops end the
// same, whatever the schedule, its size and the durations.
RC_GTEST_PROP(TrainingStep, WithoutCommunicationItIsTheIdealPipeline, ()) {
  const ScheduleKind& schedule = schedules()[*rc::gen::inRange<std::size_t>(0, schedules().size())];
  const int ranks = *rc::gen::inRange(1, 9);
  // Whole turns of the pipeline suit every schedule; some can run other numbers.
  const int micro_batches = *rc::gen::oneOf(
      rc::gen::inRange(1, 32),
      rc::gen::map(rc::gen::inRange(1, 5), [&](int turns) { return turns * ranks; }));
  const ScheduleShape shape = shape_of(schedule, ranks, micro_batches, 2);
  RC_PRE(!schedule.problem(shape));
  const auto duration = rc::gen::inRange<std::int64_t>(100, 4000);
  const ChunkTimes times{*duration, *duration, *duration};
  const std::int64_t backward = times.backward_input + times.weight;
  const std::int64_t overlapped =
      times.forward + backward - *rc::gen::inRange<std::int64_t>(0, 100);
  const std::vector<SlotDurations> stages(static_cast<std::size_t>(stage_count(shape)),
                                          {.forward = {times.forward},
                                           .backward = {backward},
                                           .weight = {times.weight},
                                           .overlapped = {overlapped}});
  const StepPlan plan = slot_plan(schedule, shape, times, overlapped);
  RC_ASSERT(run(lower(plan, 1).graph).makespan.count ==
            run(lower_slots(schedule, shape, stages)).makespan.count);
}

// Sends, dispatches and combines of a rank leave in the order of its slots: in no schedule does one
// wait for something behind it, and every rank computes what its chunks need.
RC_GTEST_PROP(TrainingStep, EverySchedulesTransfersArriveInTime, ()) {
  const ScheduleKind& schedule = schedules()[*rc::gen::inRange<std::size_t>(0, schedules().size())];
  const int ranks = *rc::gen::inRange(1, 7);
  StepPlan plan = routed_plan(schedule, ranks, ranks * *rc::gen::inRange(1, 6), 2, 2, 0.1);
  RC_PRE(!schedule.problem(plan.shape));
  plan.hand_on = *rc::gen::element(HandOn::kWhenReady, HandOn::kWithSlot);
  const TrainingStep step = lower(plan, 2);
  const Timeline timeline = run(step.graph);
  std::int64_t least = 0;
  for (int rank = 0; rank < 2 * ranks; ++rank) {
    least = std::max(least, busy(step, timeline, rank));
  }
  RC_ASSERT(timeline.makespan.count >= least);
  RC_ASSERT(least > 0);
}

int sends(const TrainingStep& step, int rank) {
  int count = 0;
  for (const RowOwner& owner : step.owners) {
    count += owner.pipeline_rank == rank && owner.kind == OpKind::kSend ? 1 : 0;
  }
  return count;
}

// 12 micro-batches over 4 ranks. Two stages a rank in a V: its last rank hands from one of its
// stages to the other without a send, forward and backward; its first only receives at the end. Two
// in turn: every rank but the last also sends forward from its second stage, and the last sends
// forward from its first stage to rank 0, which sends its gradient back.
TEST(TrainingStep, SendsOnlyWhatAnotherRankWaitsFor) {
  const auto sends_of = [](const char* schedule) {
    StepPlan plan = ideal_plan(*find_schedule(schedule), 4, 12, {70, 90, 50});
    plan.send = {{10}, 0};
    const TrainingStep step = lower(plan, 1);
    return std::vector<int>{sends(step, 0), sends(step, 1), sends(step, 2), sends(step, 3)};
  };
  EXPECT_EQ(sends_of("1f1b"), (std::vector<int>{12, 24, 24, 12}));
  EXPECT_EQ(sends_of("zb_h1"), (std::vector<int>{12, 24, 24, 12}));
  EXPECT_EQ(sends_of("zb_v"), (std::vector<int>{24, 48, 48, 24}));
  EXPECT_EQ(sends_of("dualpipev"), (std::vector<int>{24, 48, 48, 24}));
  EXPECT_EQ(sends_of("interleaved_1f1b"), (std::vector<int>{36, 48, 48, 36}));
}

// Handing on as soon as an output is there can only shorten the bubble.
TEST(TrainingStep, DualPipeIdlesLessWhereChunksAreHandedOnWhenReady) {
  const ScheduleKind& schedule = *find_schedule("dualpipe");
  constexpr std::int64_t kForward = 1000;
  for (const int ranks : {4, 8, 16}) {
    const StepPlan plan =
        ideal_plan(schedule, ranks, 2 * ranks + 8, {kForward, kForward, kForward});
    const TrainingStep step = lower(plan, 1);
    const Timeline timeline = run(step.graph);
    for (const int rank : {ranks / 2 - 1, ranks / 2}) {
      const std::int64_t idle = timeline.makespan.count - busy(step, timeline, rank);
      EXPECT_LE(idle, (ranks / 2 - 1) * 2 * kForward) << ranks;
      EXPECT_GE(idle, (ranks / 2 - 1) * kForward) << ranks;
    }
  }
}

// V3 report, figure 4: the transfer to the next stage runs beside ATTN(W). The last layer's is
// free to follow, so that a rank idles only (PP - 1)(F + B without it).
TEST(TrainingStep, HandsGradientsOnBeforeTheLastWeightGradients) {
  StepPlan plan = ideal_plan(*find_schedule("1f1b"), 4, 8, {70, 90, 0});
  plan.blocks[0].alone.attention_weight = testing::kernels({50}, {0});
  const TrainingStep step = lower(plan, 1);
  const Timeline timeline = run(step.graph);
  EXPECT_EQ(timeline.makespan.count - busy(step, timeline, 3), 3 * (70 + 90));
}

TEST(TrainingStep, EveryRankDoesTheWorkOfItsChunksWhateverTheSchedule) {
  for (const ScheduleKind& schedule : schedules()) {
    const StepPlan plan = ideal_plan(schedule, 4, 12, {70, 90, 50});
    ASSERT_FALSE(schedule.problem(plan.shape)) << schedule.name;
    const TrainingStep step = lower(plan, 1);
    const Timeline timeline = run(step.graph);
    // 12 micro-batches cross every stage once; a rank of a bidirectional schedule sees half
    // of them on each of its two stages.
    const int of_rank = 12 * plan.shape.virtual_stages;
    for (int rank = 0; rank < 4; ++rank) {
      EXPECT_EQ(busy(step, timeline, rank), of_rank * (70 + 90 + 50)) << schedule.name;
    }
  }
}

struct Shape {
  int pipeline;
  int micro_batches;
  int data;
  int expert;
};

/// Compares every op of the folded step with the same op of every member of the full one.
void expect_same_times(const StepPlan& plan, const std::string& what) {
  const TrainingStep step = lower(plan, 1);
  const Timeline folded = run(step.graph);
  const Timeline full = run(lower(plan, plan.data_ranks).graph);
  EXPECT_EQ(folded.makespan.count, full.makespan.count) << what;
  const auto members = static_cast<std::size_t>(plan.data_ranks);
  for (std::size_t op = 0; op < step.owners.size(); ++op) {
    for (std::size_t member = 0; member < members; ++member) {
      ASSERT_EQ(folded.end[op].count, full.end[op * members + member].count)
          << what << " op " << op << " of member " << member;
    }
  }
}

TEST(TrainingStep, FoldedAndFullAgreeToThePicosecondWithoutSkew) {
  constexpr std::array kShapes{Shape{4, 12, 8, 4}, Shape{2, 4, 6, 3},  Shape{2, 10, 4, 4},
                               Shape{6, 12, 4, 1}, Shape{8, 16, 6, 2}, Shape{8, 32, 3, 3}};
  int compared = 0;
  for (const ScheduleKind& schedule : schedules()) {
    for (const Shape& shape : kShapes) {
      const StepPlan plan =
          routed_plan(schedule, shape.pipeline, shape.micro_batches, shape.data, shape.expert, 0);
      if (schedule.problem(plan.shape)) continue;
      ++compared;
      expect_same_times(plan, fmt::format("{} on {} x {} ranks, expert groups of {}", schedule.name,
                                          shape.pipeline, shape.data, shape.expert));
    }
  }
  // Every schedule runs at least five of the six (V-shaped ones hold two stages a rank).
  EXPECT_GE(compared, 5 * static_cast<int>(schedules().size()));
}

TEST(TrainingStep, ImbalanceSlowsTheStepAndRepresentativesFollowTheFullCluster) {
  const ScheduleKind& schedule = *find_schedule("dualpipe");
  const StepPlan even = routed_plan(schedule, 4, 16, 64, 32, 0);
  const StepPlan skewed = routed_plan(schedule, 4, 16, 64, 32, 0.1);
  const double balanced = static_cast<double>(run(lower(even, 64).graph).makespan.count);
  const double full = static_cast<double>(run(lower(skewed, 64).graph).makespan.count);
  const double folded = static_cast<double>(run(lower(skewed, 4).graph).makespan.count);
  EXPECT_GT(full, balanced * 1.005);
  // The members carry the group's maxima but fewer turns of bad luck than 32 ranks do.
  EXPECT_NEAR(folded / full, 1.0, 0.02);
}

TEST(TrainingStep, SendsAndDispatchShareTheNic) {
  const ScheduleKind& schedule = *find_schedule("dualpipe");
  StepPlan plan = routed_plan(schedule, 4, 12, 1, 1, 0);
  const auto shared = run(lower(plan, 1).graph).makespan;
  plan.nic_capacity = 400'000;
  const auto wide = run(lower(plan, 1).graph).makespan;
  EXPECT_LT(wide, shared);
}

TEST(TrainingStep, TheSameBytesTwice) {
  const StepPlan plan = routed_plan(*find_schedule("dualpipe"), 4, 12, 8, 4, 0.1);
  const Timeline first = run(lower(plan, 8).graph);
  const Timeline second = run(lower(plan, 8).graph);
  ASSERT_EQ(first.end.size(), second.end.size());
  EXPECT_EQ(
      std::memcmp(first.end.data(), second.end.data(), first.end.size() * sizeof(first.end[0])), 0);
}

StepPlan layer_and_head() {
  StepPlan plan = routed_plan(overlapped_pair(), 1, 2, 1, 1, 0);
  plan.update.clear();
  plan.nic_capacity = 1'000'000;
  BlockTimes head{};
  head.attention_forward.fixed = {100};
  head.attention_backward.fixed = {200};
  head.attention_weight.fixed = {50};
  plan.blocks.push_back({.layer = false,
                         .routed = false,
                         .paired = head,
                         .alone = head,
                         .shard = testing::kUnsharded});
  plan.stages = {{0, 1}};
  return plan;
}

// A stage of one expert layer and a head, once forward and once backward. The head pairs with
// nothing: its backward (200, then 50 for the weights) comes first, then the two layers side by
// side with every transfer hidden, as in routed_plan() alone (29 400), then the head's forward
// (100).
TEST(TrainingStep, LayersPairWithLayersWhateverStandsBetweenThem) {
  const StepPlan plan = layer_and_head();
  EXPECT_EQ(run(lower(plan, 1).graph).makespan.count, 29'400 + 200 + 50 + 100);
}

// The same stage with its blocks paired as they come: the forward layer beside the head's backward,
// then the head's forward beside the backward layer, so that transfers stay exposed. The forward
// layer: 4000, dispatch 4200, 4000, combine 6000, and the head's 250 are hidden in that; then the
// backward layer: combine 3600, 5000, dispatch 6000 (its weights' 5000 inside), 9000, 2400.
TEST(TrainingStep, BlocksPairWithBlocksWhereThePlanSaysSo) {
  StepPlan plan = layer_and_head();
  plan.pairing = Pairing::kBlocks;
  EXPECT_EQ(run(lower(plan, 1).graph).makespan.count, 18'200 + 3600 + 5000 + 6000 + 9000 + 2400);
  // Where every block is a layer, both are the same.
  plan.stages = {{0, 0}};
  const auto blocks = run(lower(plan, 1).graph).makespan;
  plan.pairing = Pairing::kLayers;
  EXPECT_EQ(run(lower(plan, 1).graph).makespan, blocks);
}

// One stage: a chunk's forward and backward of 10 kernels' worth of host each take no less than the
// host needs; where kernels are slower it only adds its lead.
TEST(TrainingStep, AStepLastsAtLeastAsLongAsItsHostLaunches) {
  StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 1, 4, {100, 100, 100});
  const auto makespan = [&](std::int64_t host) {
    for (PhaseTime* phase :
         {&plan.blocks[0].alone.attention_forward, &plan.blocks[0].alone.attention_backward,
          &plan.blocks[0].alone.mlp_weight}) {
      phase->host = {host};
    }
    return run(lower(plan, 1).graph).makespan.count;
  };
  EXPECT_EQ(makespan(0), 4 * 300);
  EXPECT_EQ(makespan(40), 4 * 300);
  EXPECT_EQ(makespan(250), 4 * 750);
}

// Two stages: the host of the second starts each chunk when it has received it, so its launches add
// to the pipeline's ramp.
TEST(TrainingStep, AHostWaitsForWhatItReceives) {
  StepPlan plan = testing::ideal_plan(*find_schedule("1f1b"), 2, 1, {100, 100, 100});
  plan.hand_on = HandOn::kWithSlot;
  for (PhaseTime* phase :
       {&plan.blocks[0].alone.attention_forward, &plan.blocks[0].alone.attention_backward,
        &plan.blocks[0].alone.mlp_weight}) {
    phase->host = {300};
  }
  // F0 300, F1 300, B1 600, B0 600.
  EXPECT_EQ(run(lower(plan, 2 - 1).graph).makespan.count, 1800);
}

}  // namespace
}  // namespace windtunnel
