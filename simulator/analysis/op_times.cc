#include "simulator/analysis/op_times.h"

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

}  // namespace

bool is_paired(const TrainingStep& step, const OpOwner& owner) {
  if (owner.slot == kNoSlot) return false;
  const RankSlots& slots = step.slots[static_cast<std::size_t>(owner.rank / step.members)];
  return slots[static_cast<std::size_t>(owner.slot)].kind == SlotKind::kOverlapped;
}

OpTimes op_times(const StepPlan& plan, const TrainingStep& step, std::size_t op) {
  const OpOwner& owner = step.owners[op];
  const Picoseconds work = step.graph.ops[op].work;
  if (owner.kind == OpKind::kUpdate && work.count > 0) {
    const auto rank = static_cast<std::size_t>(owner.rank / step.members);
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
