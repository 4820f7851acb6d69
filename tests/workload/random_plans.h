// Step plans of any durations under any schedule, for properties.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/workload/step_plan.h"

namespace windtunnel {

inline Picoseconds some_time() { return {*rc::gen::inRange<std::int64_t>(0, 5'000'000)}; }

inline TransferTime some_transfer() {
  return {.time = some_time(), .nic_demand = *rc::gen::inRange<std::int64_t>(0, 60) * 1'000'000};
}

inline PhaseTime some_phase() {
  const bool there = *rc::gen::inRange(0, 4) > 0;
  const bool shared = *rc::gen::inRange(0, 3) == 0;
  return {.fixed = there ? some_time() : Picoseconds{0},
          .routed = there ? some_time() : Picoseconds{0},
          .tensor = shared ? some_transfer() : TransferTime{{0}, 0},
          .tensor_beside = shared ? some_transfer() : TransferTime{{0}, 0},
          .context = shared ? some_transfer() : TransferTime{{0}, 0}};
}

inline BlockTimes some_times(bool routed) {
  const TransferTime none{{0}, 0};
  return {.attention_forward = some_phase(),
          .mlp_forward = some_phase(),
          .mlp_backward = some_phase(),
          .attention_backward = some_phase(),
          .mlp_weight = some_phase(),
          .attention_weight = some_phase(),
          .dispatch_forward = routed ? some_transfer() : none,
          .combine_forward = routed ? some_transfer() : none,
          .combine_backward = routed ? some_transfer() : none,
          .dispatch_backward = routed ? some_transfer() : none};
}

/// Experts are routed to behind an attention, and their gradients are computed.
inline BlockTimes some_layer_times(bool routed) {
  BlockTimes times = some_times(routed);
  if (routed) {
    times.attention_forward.fixed += Picoseconds{1000};
    times.mlp_backward.fixed += Picoseconds{1000};
  }
  return times;
}

inline BlockCost some_block() {
  const bool routed = *rc::gen::arbitrary<bool>();
  const bool sharded = *rc::gen::arbitrary<bool>();
  const TransferTime none{{0}, 0};
  return {.layer = *rc::gen::arbitrary<bool>(),
          .routed = routed,
          .paired = some_layer_times(routed),
          .alone = some_layer_times(routed),
          .shard = {sharded ? some_transfer() : none, sharded ? some_transfer() : none}};
}

/// Any durations under any schedule, with uneven routing or without.
inline StepPlan some_plan() {
  const auto all = schedules();
  const ScheduleKind* kind = nullptr;
  ScheduleShape shape{};
  do {
    kind = &all[*rc::gen::inRange<std::size_t>(0, all.size())];
    shape =
        shape_of(*kind, *rc::gen::inRange(1, 5), *rc::gen::inRange(1, 17), *rc::gen::inRange(2, 4));
  } while (kind->problem(shape));
  StepPlan plan{.schedule = kind,
                .shape = shape,
                .hand_on = *rc::gen::element(HandOn::kWhenReady, HandOn::kWithSlot),
                .data_ranks = 8,
                .expert_ranks = 8,
                .shard_ranks = 8,
                .blocks = {},
                .stages = {},
                .pairing = *rc::gen::element(Pairing::kLayers, Pairing::kBlocks),
                .send = some_transfer(),
                .nic_capacity = 50'000'000,
                .routing = {.deviation = *rc::gen::element(0.0, 0.1, 0.6), .seed = 7},
                .update = {}};
  for (int i = 0; i < 3; ++i) plan.blocks.push_back(some_block());
  // A block that computes something begins every stage, as a layer does.
  plan.blocks[0].alone.attention_forward.fixed = plan.blocks[0].paired.attention_forward.fixed =
      plan.blocks[0].alone.mlp_backward.fixed = plan.blocks[0].paired.mlp_backward.fixed = {1000};
  for (int stage = 0; stage < stage_count(shape); ++stage) {
    plan.stages.push_back({0});
    const int more = *rc::gen::inRange(0, 3);
    for (int i = 0; i < more; ++i) plan.stages.back().push_back(*rc::gen::inRange(0, 3));
  }
  return plan;
}

}  // namespace windtunnel
