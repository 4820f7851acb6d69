#include "simulator/analysis/op_times.h"

#include <algorithm>
#include <cstddef>

namespace windtunnel {
namespace {

/// Of a phase of a block with even routing; transfers and kernels alike.
Picoseconds even_time(const BlockTimes& times, Phase phase) {
  const auto kernels = [](const PhaseTime& time) { return time.fixed + time.routed; };
  switch (phase) {
    case Phase::kAttentionForward:
      return kernels(times.attention_forward);
    case Phase::kDispatchForward:
      return times.dispatch_forward.time;
    case Phase::kMlpForward:
      return kernels(times.mlp_forward);
    case Phase::kCombineForward:
      return times.combine_forward.time;
    case Phase::kCombineBackward:
      return times.combine_backward.time;
    case Phase::kMlpBackward:
      return kernels(times.mlp_backward);
    case Phase::kDispatchBackward:
      return times.dispatch_backward.time;
    case Phase::kAttentionBackward:
      return kernels(times.attention_backward);
    case Phase::kMlpWeight:
      return kernels(times.mlp_weight);
    case Phase::kAttentionWeight:
      break;
  }
  return kernels(times.attention_weight);
}

const PhaseTime& phase_time(const BlockTimes& times, Phase phase) {
  switch (phase) {
    case Phase::kMlpForward:
      return times.mlp_forward;
    case Phase::kMlpBackward:
      return times.mlp_backward;
    case Phase::kAttentionBackward:
      return times.attention_backward;
    case Phase::kMlpWeight:
      return times.mlp_weight;
    case Phase::kAttentionWeight:
      return times.attention_weight;
    default:
      return times.attention_forward;
  }
}

const TransferTime& transfer_time(const BlockTimes& times, Phase phase) {
  return phase == Phase::kDispatchForward   ? times.dispatch_forward
         : phase == Phase::kCombineForward  ? times.combine_forward
         : phase == Phase::kCombineBackward ? times.combine_backward
                                            : times.dispatch_backward;
}

}  // namespace

std::int64_t nic_demand(const StepPlan& plan, const TrainingStep& step, const RowOwner& owner) {
  if (owner.kind == OpKind::kSend) return plan.send.nic_demand;
  if (owner.kind == OpKind::kGradient) {
    const UpdateCost& update = plan.update[static_cast<std::size_t>(owner.pipeline_rank)];
    return std::max(update.reduce.nic_demand, update.gather.nic_demand);
  }
  const std::int32_t index = block_of(plan, step, owner);
  if (index == kNone) return 0;
  const BlockCost& block = plan.blocks[static_cast<std::size_t>(index)];
  const PhaseTime& phase = phase_time(block.alone, owner.phase);
  switch (owner.kind) {
    case OpKind::kDispatch:
    case OpKind::kCombine:
      return transfer_time(block.alone, owner.phase).nic_demand;
    case OpKind::kTensor:
      return std::max(phase.tensor.nic_demand, phase.tensor_beside.nic_demand);
    case OpKind::kContext:
      return phase.context.nic_demand;
    case OpKind::kShard:
      return std::max(block.shard.gather.nic_demand, block.shard.reduce.nic_demand);
    default:
      return 0;
  }
}

bool is_paired(const TrainingStep& step, const RowOwner& owner) {
  if (owner.slot == kNoSlot) return false;
  const RankSlots& slots = step.slots[static_cast<std::size_t>(owner.pipeline_rank)];
  return slots[static_cast<std::size_t>(owner.slot)].kind == SlotKind::kOverlapped;
}

OpTimes op_times(const StepPlan& plan, const TrainingStep& step, OpId op) {
  const RowOwner& owner = owner_of(step, op);
  const Picoseconds work = op_at(step.graph, op).work;
  if (owner.kind == OpKind::kUpdate && work.count > 0) {
    const auto rank = static_cast<std::size_t>(owner.pipeline_rank);
    return {plan.update[rank].optimizer, plan.update[rank].optimizer};
  }
  const bool of_phase = owner.kind == OpKind::kCompute || owner.kind == OpKind::kDispatch ||
                        owner.kind == OpKind::kCombine;
  // Rows of no work only join what ran beside each other.
  const std::int32_t index = of_phase && work.count > 0 ? block_of(plan, step, owner) : kNone;
  if (index == kNone) return {work, work};
  const BlockCost& block = plan.blocks[static_cast<std::size_t>(index)];
  const Picoseconds alone = even_time(block.alone, owner.phase);
  return {is_paired(step, owner) ? even_time(block.paired, owner.phase) : alone, alone};
}

}  // namespace windtunnel
