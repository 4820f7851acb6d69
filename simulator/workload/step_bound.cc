#include "simulator/workload/step_bound.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace windtunnel {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min() / 4;

/// Where a chunk is: when its rank's compute lane is free and when its last output was there.
struct Clock {
  std::int64_t lane;
  std::int64_t output;
};

std::int64_t kernel_time(const PhaseTime& phase) { return phase.fixed.count + phase.routed.count; }

std::int64_t beside(const PhaseTime& phase) {
  return phase.context.time.count + phase.tensor_beside.time.count;
}

/// What runs beside the kernels begins with their input, which may be before the lane is free.
void run_phase(Clock& clock, const PhaseTime& phase) {
  clock.output += phase.tensor.time.count;
  const std::int64_t work = kernel_time(phase);
  if (work == 0) return;
  clock.lane = std::max(std::max(clock.lane, clock.output) + work, clock.output + beside(phase));
  clock.output = clock.lane;
}

void run_forward(Clock& clock, const BlockTimes& times) {
  run_phase(clock, times.attention_forward);
  clock.output += times.dispatch_forward.time.count;
  run_phase(clock, times.mlp_forward);
  clock.output += times.combine_forward.time.count;
}

/// Without kernels of its own the first phase does not hold back the collectives of the next one:
/// those are left out.
void run_backward(Clock& clock, const BlockTimes& times, bool weight) {
  const bool holds = kernel_time(times.mlp_backward) > 0;
  if (holds) {
    clock.output += times.combine_backward.time.count;
    run_phase(clock, times.mlp_backward);
    clock.output += times.dispatch_backward.time.count;
  }
  if (weight) clock.lane += kernel_time(times.mlp_weight);
  if (holds) {
    run_phase(clock, times.attention_backward);
  } else if (kernel_time(times.attention_backward) > 0) {
    clock.lane = std::max(clock.lane, clock.output) + kernel_time(times.attention_backward);
    clock.output = clock.lane;
  }
  if (weight) clock.lane += kernel_time(times.attention_weight);
}

/// What a chunk does in a slot.
enum class ChunkPart { kForward, kBackward, kBackwardInput, kWeight };

std::int64_t transfer_time(const PhaseTime& phase) {
  return phase.tensor.time.count + (kernel_time(phase) > 0 ? beside(phase) : 0);
}

void add_sums(ChunkTimes& sums, const BlockTimes& times, ChunkPart work) {
  const auto add = [&](const PhaseTime& phase) {
    sums.kernels.count += kernel_time(phase);
    sums.transfers.count += transfer_time(phase);
  };
  if (work == ChunkPart::kForward) {
    add(times.attention_forward);
    add(times.mlp_forward);
    sums.transfers.count += times.dispatch_forward.time.count + times.combine_forward.time.count;
    return;
  }
  if (work != ChunkPart::kWeight) {
    add(times.mlp_backward);
    add(times.attention_backward);
    sums.transfers.count += times.dispatch_backward.time.count + times.combine_backward.time.count;
  }
  if (work != ChunkPart::kBackwardInput) {
    add(times.mlp_weight);
    add(times.attention_weight);
  }
}

ChunkTimes chunk_times(std::span<const BlockCost> costs, std::span<const int> blocks, bool paired,
                       ChunkPart work) {
  Clock slot{.lane = 0, .output = kNever};   // from the chunk's first kernel on
  Clock chain{.lane = kNever, .output = 0};  // from its input on
  ChunkTimes times{};
  // Only the first row of a chunk waits for its input: behind a weight gradient that comes before
  // any other kernels nothing is held back.
  bool held = work == ChunkPart::kForward || work == ChunkPart::kWeight;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::size_t at = work == ChunkPart::kForward ? i : blocks.size() - 1 - i;
    const BlockCost& cost = costs[static_cast<std::size_t>(blocks[at])];
    const BlockTimes& block = paired ? cost.paired : cost.alone;
    held = held || kernel_time(block.mlp_backward) > 0;
    if (!held) continue;
    add_sums(times, block, work);
    for (Clock* clock : {&slot, &chain}) {
      if (work == ChunkPart::kForward) run_forward(*clock, block);
      if (work == ChunkPart::kBackward) run_backward(*clock, block, true);
      if (work == ChunkPart::kBackwardInput) run_backward(*clock, block, false);
    }
  }
  times.stretch = {work == ChunkPart::kWeight ? times.kernels.count : slot.lane};
  times.output = {std::max<std::int64_t>(slot.output, 0)};
  times.chain = {chain.output};
  return times;
}

const ChunkTimes& backward_of(const StageTimes& stage, SlotKind kind) {
  return kind == SlotKind::kWeight          ? stage.weight
         : kind == SlotKind::kBackwardInput ? stage.backward_input
                                            : stage.backward;
}

std::int64_t stretch_of(const SlotCount& slot, std::span<const StageTimes> stages) {
  if (slot.kind == SlotKind::kOverlapped) {
    const ChunkTimes& f = stages[static_cast<std::size_t>(slot.forward_stage)].paired_forward;
    const ChunkTimes& b = stages[static_cast<std::size_t>(slot.backward_stage)].paired_backward;
    return std::max({f.kernels.count + b.kernels.count, f.stretch.count, b.stretch.count});
  }
  if (slot.kind == SlotKind::kForward) {
    return stages[static_cast<std::size_t>(slot.forward_stage)].forward.stretch.count;
  }
  return backward_of(stages[static_cast<std::size_t>(slot.backward_stage)], slot.kind)
      .stretch.count;
}

std::int64_t transfers_of(const SlotCount& slot, std::span<const StageTimes> stages) {
  if (slot.kind == SlotKind::kOverlapped) {
    return stages[static_cast<std::size_t>(slot.forward_stage)].paired_forward.transfers.count +
           stages[static_cast<std::size_t>(slot.backward_stage)].paired_backward.transfers.count;
  }
  if (slot.kind == SlotKind::kForward) {
    return stages[static_cast<std::size_t>(slot.forward_stage)].forward.transfers.count;
  }
  return backward_of(stages[static_cast<std::size_t>(slot.backward_stage)], slot.kind)
      .transfers.count;
}

template <typename Time>
std::int64_t sum_of(const std::vector<SlotCount>& slots, std::span<const StageTimes> stages,
                    Time time) {
  std::int64_t sum = 0;
  for (const SlotCount& slot : slots) sum += slot.count * time(slot, stages);
  return sum;
}

/// Of all three parts of a rank's slots.
template <typename Time>
std::int64_t sum_of(const RankProfile& rank, std::span<const StageTimes> stages, Time time) {
  return sum_of(rank.before, stages, time) + time(rank.last, stages) +
         sum_of(rank.behind, stages, time);
}

std::int64_t gathers_of(const SlotCount& slot, std::span<const StageTimes> stages) {
  std::int64_t sum = 0;
  if (has_forward(slot.kind)) {
    sum += stages[static_cast<std::size_t>(slot.forward_stage)].gather_forward.count;
  }
  if (has_backward_input(slot.kind)) {
    sum += stages[static_cast<std::size_t>(slot.backward_stage)].gather_backward.count;
  }
  return sum;
}

std::int64_t scatters_of(const SlotCount& slot, std::span<const StageTimes> stages) {
  return has_weight(slot.kind) ? stages[static_cast<std::size_t>(slot.backward_stage)].scatter.count
                               : 0;
}

/// Chunks on other ranks, one after another; those in overlapped slots take no less than nothing.
std::int64_t way(const std::vector<ChunkSlot>& chunks, std::span<const StageTimes> stages) {
  std::int64_t sum = 0;
  for (const ChunkSlot& chunk : chunks) {
    const StageTimes& stage = stages[static_cast<std::size_t>(chunk.stage)];
    if (chunk.kind == SlotKind::kForward) sum += stage.forward.chain.count;
    if (chunk.kind == SlotKind::kBackward) sum += stage.backward.chain.count;
    if (chunk.kind == SlotKind::kBackwardInput) sum += stage.backward_input.chain.count;
  }
  return sum;
}

std::int64_t least_of(const RankProfile& rank, std::span<const StageTimes> stages) {
  const std::int64_t fill = way(rank.fill, stages);
  const std::int64_t before = fill + sum_of(rank.before, stages, stretch_of);
  const std::int64_t behind =
      stretch_of(rank.last, stages) + sum_of(rank.behind, stages, stretch_of);
  std::int64_t drain = 0;
  if (rank.last.kind != SlotKind::kOverlapped) {
    const StageTimes& stage = stages[static_cast<std::size_t>(rank.last.backward_stage)];
    drain = backward_of(stage, rank.last.kind).output.count + way(rank.drain, stages);
  }
  return std::max({before + std::max(behind, drain), sum_of(rank, stages, transfers_of),
                   sum_of(rank, stages, gathers_of), sum_of(rank, stages, scatters_of)});
}

}  // namespace

StageTimes stage_times(std::span<const BlockCost> costs, std::span<const int> blocks) {
  const auto times = [&](bool paired, ChunkPart part) {
    return chunk_times(costs, blocks, paired, part);
  };
  StageTimes stage{.forward = times(false, ChunkPart::kForward),
                   .backward = times(false, ChunkPart::kBackward),
                   .backward_input = times(false, ChunkPart::kBackwardInput),
                   .weight = times(false, ChunkPart::kWeight),
                   .paired_forward = times(true, ChunkPart::kForward),
                   .paired_backward = times(true, ChunkPart::kBackward),
                   .gather_forward = {0},
                   .gather_backward = {0},
                   .scatter = {0}};
  for (const int block : blocks) {
    const BlockCost& cost = costs[static_cast<std::size_t>(block)];
    stage.gather_forward += cost.shard.gather.time;
    // A block without a gradient to pass on (an embedding) gathers nothing for it.
    const bool computes = cost.alone.mlp_backward.fixed.count > 0;
    if (computes && cost.paired.mlp_backward.fixed.count > 0) {
      stage.gather_backward += cost.shard.gather.time;
    }
    stage.scatter += cost.shard.reduce.time;
  }
  return stage;
}

Picoseconds least_step(std::span<const RankProfile> ranks, std::span<const StageTimes> stages) {
  std::int64_t least = 0;
  for (const RankProfile& rank : ranks) least = std::max(least, least_of(rank, stages));
  return {least};
}

}  // namespace windtunnel
