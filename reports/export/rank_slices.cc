#include "reports/export/rank_slices.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/export/phase_kernels.h"
#include "simulator/hardware/kernel_text.h"

namespace windtunnel {
namespace {

TraceLane lane_of(const RowOwner& owner) {
  switch (owner.kind) {
    case OpKind::kCompute:
    case OpKind::kUpdate:
      return TraceLane::kCompute;
    case OpKind::kSend:
      return TraceLane::kSend;
    case OpKind::kHost:
      return TraceLane::kHost;
    case OpKind::kShard:
      return owner.phase == Phase::kAttentionWeight ? TraceLane::kScatter : TraceLane::kGather;
    default:
      return TraceLane::kCommunication;
  }
}

std::string_view kind_of(OpKind kind) {
  constexpr std::string_view kNames[] = {"compute",   "dispatch", "combine", "send",    "gradient",
                                         "optimizer", "tensor",   "context", "sharded", "launch"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string name_of(const RowOwner& owner, std::string_view block, bool layer) {
  const std::string_view phase = phase_name(owner.phase);
  switch (owner.kind) {
    case OpKind::kCompute:
      return layer ? std::string(phase) : fmt::format("{} {}", block, phase);
    case OpKind::kDispatch:
    case OpKind::kCombine:
      return std::string(phase);
    case OpKind::kSend:
      return owner.phase == Phase::kAttentionForward ? "send activations" : "send gradients";
    case OpKind::kGradient:
      return owner.phase == Phase::kAttentionWeight ? "reduce gradients" : "gather parameters";
    case OpKind::kUpdate:
      return "optimizer";
    case OpKind::kShard:
      return owner.phase == Phase::kAttentionWeight ? "scatter gradients" : "gather parameters";
    default:
      return fmt::format("{} {}", kind_of(owner.kind), phase);
  }
}

const PricedBlock* block_of(const TracedStep& traced, const RowOwner& owner, const Chunk& chunk) {
  if (owner.position == kNoBlock) return nullptr;
  const auto& blocks = traced.priced.stages[static_cast<std::size_t>(chunk.stage)];
  return &traced.priced.blocks[static_cast<std::size_t>(blocks[owner.position])];
}

/// What the transfer's time rests on; null for compute, whose kernels each have a price.
const Price* price_of(const TracedStep& traced, const RowOwner& owner, const PricedBlock* block,
                      bool paired) {
  if (owner.kind == OpKind::kSend) return &traced.priced.send.price;
  if (owner.kind == OpKind::kGradient || owner.kind == OpKind::kUpdate) {
    const auto rank = static_cast<std::size_t>(owner.pipeline_rank);
    const PricedUpdate& update = traced.priced.update[rank];
    if (owner.kind == OpKind::kUpdate) return &update.optimizer;
    return owner.phase == Phase::kAttentionWeight ? &update.reduce : &update.gather;
  }
  if (block == nullptr) return nullptr;
  if (owner.kind == OpKind::kShard && block->shard) {
    return owner.phase == Phase::kAttentionWeight ? &block->shard->reduce : &block->shard->gather;
  }
  if (owner.kind != OpKind::kDispatch && owner.kind != OpKind::kCombine) return nullptr;
  for (const PricedTransfer& transfer : block->transfers) {
    if (transfer.phase == owner.phase)
      return paired ? &transfer.price.paired : &transfer.price.alone;
  }
  return nullptr;
}

/// A slot of the schedule whose op it is; none for the update.
const Slot* slot_of(const TracedStep& traced, const RowOwner& owner) {
  if (owner.slot == kNoSlot) return nullptr;
  const auto rank = static_cast<std::size_t>(owner.pipeline_rank);
  return &traced.simulated.step.slots[rank][static_cast<std::size_t>(owner.slot)];
}

/// The op as a slice, and its block's kernels where they are to be shown.
struct OpSlice {
  Slice slice;
  const PricedBlock* block;
  Phase phase;
  bool paired;
};

OpSlice op_slice(const TracedStep& traced, OpId id) {
  const auto op = static_cast<std::size_t>(id);
  const RowOwner& owner = owner_of(traced.simulated.step, id);
  const Slot* slot = slot_of(traced, owner);
  const bool forward = is_forward(owner.phase);
  const Chunk chunk = slot == nullptr ? Chunk{-1, -1, -1}
                      : forward       ? slot->forward
                                      : slot->backward;
  const bool paired = slot != nullptr && slot->kind == SlotKind::kOverlapped;
  const PricedBlock* block = slot == nullptr ? nullptr : block_of(traced, owner, chunk);
  const std::string_view block_name = block == nullptr ? std::string_view() : block->name;
  return {.slice = {.lane = lane_of(owner),
                    .start = traced.simulated.timeline.start[op].count,
                    .end = traced.simulated.timeline.end[op].count,
                    .name = name_of(owner, block_name, block != nullptr && block->layer),
                    .kind = kind_of(owner.kind),
                    .op = id,
                    .micro_batch = chunk.micro_batch,
                    .direction = chunk.direction,
                    .stage = chunk.stage,
                    .block = block_name,
                    .position = block == nullptr ? -1 : owner.position,
                    .price = price_of(traced, owner, block, paired),
                    .kernel = {}},
          .block = block,
          .phase = owner.phase,
          .paired = paired};
}

std::string slot_label(const SlotSpan& span) {
  if (span.kind == "optimizer") return "optimizer";
  const char* letter = span.kind == "forward"          ? "F"
                       : span.kind == "backward"       ? "B"
                       : span.kind == "backward_input" ? "B (input)"
                       : span.kind == "weight"         ? "W"
                                                       : "F&B";
  return fmt::format("{} {}", letter, span.micro_batch);
}

void visit_slots(const TracedStep& traced, const TraceRank& rank, const TraceWindow& window,
                 const SliceVisitor& visit) {
  const SimulatedStep& it = traced.simulated;
  for (const SlotSpan& span :
       slot_spans(it.step, it.timeline, rank.pipeline, traced.ranks.of(rank.rank))) {
    const bool update = span.kind == "optimizer";
    const Slice slice{.lane = TraceLane::kSchedule,
                      .start = to_picoseconds(span.start).count,
                      .end = to_picoseconds(span.end).count,
                      .name = slot_label(span),
                      .kind = "slot",
                      .op = kNone,
                      .micro_batch = update ? -1 : span.micro_batch,
                      .direction = update ? -1 : span.direction,
                      .stage = update ? -1 : span.stage,
                      .block = {},
                      .position = -1,
                      .price = nullptr,
                      .kernel = {}};
    if (slice.end > window.from && slice.start < window.to) visit(slice);
  }
}

/// The kernels of a compute phase, one after another inside its slice.
void visit_kernels(const TracedStep& traced, const OpSlice& phase, const TraceWindow& window,
                   const SliceVisitor& visit) {
  if (phase.block == nullptr || phase.slice.kind != "compute") return;
  const Seconds gap = traced.scenario.assumptions.launch_gap.value;
  for (const PlacedKernel& kernel : placed_kernels(*phase.block, phase.phase, phase.paired, gap,
                                                   phase.slice.start, phase.slice.end)) {
    Slice slice = phase.slice;
    slice.start = kernel.start;
    slice.end = kernel.end;
    slice.name = kernel_text(kernel.kernel->op.kernel);
    slice.kind = "kernel";
    slice.op = kNone;
    slice.price = phase.paired ? &kernel.kernel->price.paired : &kernel.kernel->price.alone;
    slice.kernel = kernel.kernel->op.kernel;
    if (slice.end > window.from && slice.start < window.to) visit(slice);
  }
}

}  // namespace

void visit_slices(const TracedStep& traced, const TraceRank& rank, TraceLevel level,
                  const TraceWindow& window, const SliceVisitor& visit) {
  visit_slots(traced, rank, window, visit);
  if (level == TraceLevel::kSlot) return;
  const Timeline& timeline = traced.simulated.timeline;
  for (const TraceLane lane : lanes_of(traced)) {
    for (const OpId id : traced.ranks.of(rank.rank)) {
      const auto op = static_cast<std::size_t>(id);
      if (lane_of(owner_of(traced.simulated.step, id)) != lane ||
          timeline.end[op] <= timeline.start[op])
        continue;
      if (timeline.end[op].count <= window.from || timeline.start[op].count >= window.to) continue;
      const OpSlice slice = op_slice(traced, id);
      visit(slice.slice);
      if (level == TraceLevel::kKernel) visit_kernels(traced, slice, window, visit);
    }
  }
}

std::vector<TraceLane> lanes_of(const TracedStep& traced) {
  std::array<bool, kLaneNames.size()> used{};
  used[0] = true;
  for (const OpId op : traced.ranks.of(0)) {
    used[static_cast<std::size_t>(lane_of(owner_of(traced.simulated.step, op)))] = true;
  }
  std::vector<TraceLane> lanes;
  for (std::size_t lane = 0; lane < used.size(); ++lane) {
    if (used[lane]) lanes.push_back(static_cast<TraceLane>(lane));
  }
  return lanes;
}

std::vector<Arrival> arrivals(const TracedStep& traced) {
  const TrainingStep& step = traced.simulated.step;
  std::vector<Arrival> found;
  for (const LateInput& late : step.graph.late_inputs) {
    const RowOwner& input = step.owners[static_cast<std::size_t>(late.input)];
    const RowOwner& row = step.owners[static_cast<std::size_t>(late.row)];
    if (input.kind != OpKind::kSend || row.pipeline_rank == input.pipeline_rank ||
        row.kind == OpKind::kHost) {
      continue;
    }
    for (int member = 0; member < step.members; ++member) {
      found.push_back({.send = op_id(step.graph, late.input, member),
                       .receiver = op_id(step.graph, late.row, member)});
    }
  }
  std::sort(found.begin(), found.end(), [](const Arrival& a, const Arrival& b) {
    return a.receiver != b.receiver ? a.receiver < b.receiver : a.send < b.send;
  });
  return found;
}

}  // namespace windtunnel
