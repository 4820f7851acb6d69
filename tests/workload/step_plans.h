// Small priced plans for tests: every stage one block, durations given by hand.
#pragma once

#include <cstdint>

#include "simulator/workload/step_plan.h"

namespace windtunnel::testing {

/// Picoseconds of a chunk's forward, input-gradient and weight-gradient part.
struct ChunkTimes {
  std::int64_t forward;
  std::int64_t backward_input;
  std::int64_t weight;
};

/// A phase without collectives.
constexpr PhaseTime kernels(Picoseconds fixed, Picoseconds routed) {
  return {.fixed = fixed,
          .routed = routed,
          .tensor = {{0}, 0},
          .tensor_beside = {{0}, 0},
          .context = {{0}, 0}};
}

inline constexpr ShardTimes kUnsharded{.gather = {{0}, 0}, .reduce = {{0}, 0}};

/// Equal stages without communication, one a rank and direction, or 2 where the schedule has or may
/// have several. A whole backward hands its gradient on at its end, as bubble formulas have it.
inline StepPlan ideal_plan(const ScheduleKind& schedule, int ranks, int micro_batches,
                           ChunkTimes times) {
  const BlockTimes block{.attention_forward = kernels({times.forward}, {0}),
                         .mlp_forward = kernels({0}, {0}),
                         .mlp_backward = kernels({0}, {0}),
                         .attention_backward = kernels({times.backward_input}, {0}),
                         .mlp_weight = kernels({times.weight}, {0}),
                         .attention_weight = kernels({0}, {0}),
                         .dispatch_forward = {{0}, 0},
                         .combine_forward = {{0}, 0},
                         .combine_backward = {{0}, 0},
                         .dispatch_backward = {{0}, 0}};
  const ScheduleShape shape = shape_of(schedule, ranks, micro_batches, 2);
  StepPlan plan{
      .schedule = &schedule,
      .shape = shape,
      .hand_on = HandOn::kWhenReady,
      .data_ranks = 1,
      .expert_ranks = 1,
      .shard_ranks = 1,
      .blocks =
          {{.layer = true, .routed = false, .paired = block, .alone = block, .shard = kUnsharded}},
      .stages = {},
      .pairing = Pairing::kLayers,
      .send = {{0}, 0},
      .nic_capacity = 1'000'000'000,
      .routing = {.deviation = 0, .seed = 1},
      .update = {}};
  plan.stages.assign(static_cast<std::size_t>(stage_count(shape)), {0});
  return plan;
}

/// One expert layer a stage, with phases and transfers as given, on `data_ranks` data ranks that
/// form expert groups of `expert_ranks`.
inline StepPlan routed_plan(const ScheduleKind& schedule, int ranks, int micro_batches,
                            int data_ranks, int expert_ranks, double deviation) {
  const BlockTimes block{.attention_forward = kernels({4000}, {0}),
                         .mlp_forward = kernels({500}, {3500}),
                         .mlp_backward = kernels({1000}, {4000}),
                         .attention_backward = kernels({9000}, {0}),
                         .mlp_weight = kernels({600}, {4400}),
                         .attention_weight = kernels({2400}, {0}),
                         .dispatch_forward = {{4200}, 25'000},
                         .combine_forward = {{6000}, 30'000},
                         .combine_backward = {{3600}, 25'000},
                         .dispatch_backward = {{6000}, 30'000}};
  StepPlan plan = ideal_plan(schedule, ranks, micro_batches, {1, 1, 1});
  plan.data_ranks = data_ranks;
  plan.expert_ranks = expert_ranks;
  plan.shard_ranks = data_ranks;
  plan.blocks = {
      {.layer = true, .routed = true, .paired = block, .alone = block, .shard = kUnsharded}};
  plan.send = {{1500}, 40'000};
  plan.nic_capacity = 40'000;
  plan.routing = {.deviation = deviation, .seed = 7};
  plan.update.assign(
      static_cast<std::size_t>(ranks),
      {.reduce = {{20'000}, 10'000}, .optimizer = {500}, .gather = {{9000}, 10'000}});
  return plan;
}

}  // namespace windtunnel::testing
