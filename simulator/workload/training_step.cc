#include "simulator/workload/training_step.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "simulator/workload/rank_graph.h"
#include "simulator/workload/slot_work.h"
#include "simulator/workload/update_ops.h"

namespace windtunnel {
namespace {

/// Where a chunk's first row and its last one ended up, to be linked once every rank is lowered.
struct ChunkEnds {
  RowId first = kNone;
  RowId last = kNone;        ///< what the next stage waits for
  RowId also_first = kNone;  ///< of the slot's other chunk, where that waits for this one's input
  RowId host = kNone;        ///< the slot's first launches
  RowId before = kNone;      ///< the rank's last compute op before the slot
};

struct Lowering {
  RankGraph ranks;
  std::vector<ChunkEnds> forward;
  std::vector<ChunkEnds> backward;
  MemberLoads loads;
};

/// Empty where routing is even.
std::span<const double> loads_for(Lowering& build, const Chunk& chunk, std::size_t block) {
  if (build.loads.even()) return {};
  return build.loads.of(chunk, block).first(static_cast<std::size_t>(build.loads.members()));
}

/// One block of a chunk: its cost, and the members' loads.
struct Part {
  const BlockCost* cost = nullptr;
  std::span<const double> loads;
  std::uint16_t position = kNoBlock;  ///< in the forward order of its stage
};

Part part_of(Lowering& build, const Chunk& chunk, std::size_t position, bool reversed) {
  const std::vector<int>& blocks = build.ranks.plan.stages[static_cast<std::size_t>(chunk.stage)];
  if (position >= blocks.size()) return {};
  const std::size_t index = reversed ? blocks.size() - 1 - position : position;
  const BlockCost& cost = build.ranks.plan.blocks[static_cast<std::size_t>(blocks[index])];
  const auto place = static_cast<std::uint16_t>(index);
  if (!cost.routed) return {.cost = &cost, .loads = {}, .position = place};
  return {.cost = &cost, .loads = loads_for(build, chunk, index), .position = place};
}

void remember_first(RowId& first, RowId input, RowId row) {
  if (first == kNone && input == kNone) first = row;
}

/// The parameters of a part's block; kNone where there is none or they are not sharded.
RowId add_gather(RankGraph& ranks, const Place& place, const Part& part) {
  return part.cost == nullptr ? kNone : add_gather(ranks, place, part.cost->shard.gather);
}

void add_scatter(RankGraph& ranks, const Place& place, const Part& part) {
  if (part.cost != nullptr) add_scatter(ranks, place, part.cost->shard.reduce);
}

/// All zero where there is no block.
const BlockTimes& times_of(const Part& part, SlotWork work) {
  static constexpr BlockTimes kNothing{};
  if (part.cost == nullptr) return kNothing;
  return work.forward && work.backward ? part.cost->paired : part.cost->alone;
}

/// The phases of one forward layer and one backward layer, in the order in which DeepSeek's profile
/// issues them on the two streams. Either may be absent.
void add_layers(RankGraph& ranks, int rank, std::int32_t slot, SlotWork work, const Part& ahead,
                const Part& back, ChunkEnds& forward, ChunkEnds& backward) {
  using enum Phase;
  using enum OpKind;
  const Place f{.rank = rank, .slot = slot, .loads = ahead.loads, .position = ahead.position};
  const Place b{.rank = rank, .slot = slot, .loads = back.loads, .position = back.position};
  const BlockTimes& ft = times_of(ahead, work);
  const BlockTimes& bt = times_of(back, work);
  const bool f_routed = ahead.cost != nullptr && ahead.cost->routed;
  const bool b_routed = back.cost != nullptr && back.cost->routed && work.backward;
  // The stream's order puts it behind the gradient, or it is itself what waits for the gradient.
  const auto add_weight = [&](Phase phase, const PhaseTime& time, RowId behind) {
    if (!work.weight) return;
    const RowId row = add_compute(ranks, b.in(phase), time, kNone).first;
    if (work.backward) remember_first(backward.first, behind, row);
  };
  const auto add_backward = [&](Phase phase, const PhaseTime& time, RowId input, RowId parameters) {
    const PhaseRows rows = add_compute(ranks, b.in(phase), time, input, parameters);
    remember_first(backward.first, input, rows.first);
    return rows.last;
  };
  RowId b_row = backward.last;
  if (b_routed) {
    b_row = add_transfer(ranks, b.in(kCombineBackward), bt.combine_backward, b_row, kCombine);
    remember_first(backward.first, backward.last, b_row);
  }
  const RowId f_parameters = add_gather(ranks, f, ahead);
  const PhaseRows f_rows =
      add_compute(ranks, f.in(kAttentionForward), ft.attention_forward, forward.last, f_parameters);
  remember_first(forward.first, forward.last, f_rows.first);
  RowId f_row = f_rows.last;
  if (work.backward) {  // an embedding has no gradient to pass on
    const RowId parameters =
        bt.mlp_backward.fixed.count > 0 ? add_gather(ranks, b.in(kMlpBackward), back) : kNone;
    b_row = add_backward(kMlpBackward, bt.mlp_backward, b_row, parameters);
  }
  if (f_routed) {
    f_row = add_transfer(ranks, f.in(kDispatchForward), ft.dispatch_forward, f_row, kDispatch);
  }
  add_weight(kMlpWeight, bt.mlp_weight, b_row);
  if (b_routed) {
    b_row = add_transfer(ranks, b.in(kDispatchBackward), bt.dispatch_backward, b_row, kDispatch);
  }
  const PhaseRows mlp_rows =
      add_compute(ranks, f.in(kMlpForward), ft.mlp_forward, f_row,
                  ft.attention_forward.fixed.count > 0 ? kNone : f_parameters);
  remember_first(forward.first, f_row, mlp_rows.first);  // of a head, which has no attention
  f_row = mlp_rows.last;
  if (work.backward) {
    b_row = add_backward(kAttentionBackward, bt.attention_backward, b_row, kNone);
  }
  if (f_routed) {
    f_row = add_transfer(ranks, f.in(kCombineForward), ft.combine_forward, f_row, kCombine);
  }
  add_weight(kAttentionWeight, bt.attention_weight, b_row);
  if (work.weight) add_scatter(ranks, b.in(kAttentionWeight), back);
  forward.last = f_row;
  backward.last = b_row;
}

std::size_t block_count(const StepPlan& plan, const Chunk& chunk) {
  return plan.stages[static_cast<std::size_t>(chunk.stage)].size();
}

/// Hands a finished chunk to the stage that waits for it, where that is on another rank; not before
/// `also` ended.
void finish_chunk(Lowering& build, const Place& place, const Chunk& chunk, int next_stage,
                  std::span<const RowId> also, ChunkEnds& ends) {
  const StepPlan& plan = build.ranks.plan;
  if (next_stage < 0 || next_stage >= static_cast<int>(plan.stages.size())) return;
  const Chunk next{chunk.direction, chunk.micro_batch, next_stage};
  const int to = plan.schedule->rank_of(plan.shape, next);
  if (to == place.rank) return;
  const RowId output = ends.last;
  ends.last = add_send(build.ranks, place, to, output);
  for (const RowId row : also) {
    if (row != output) link_rows(build.ranks.step.graph, ends.last, row);
  }
}

/// Adds the blocks of a slot's chunks in pairs, as the plan's pairing says.
void add_blocks(Lowering& build, int rank, std::int32_t index, const Slot& slot, ChunkEnds& ahead,
                ChunkEnds& back) {
  const SlotWork work = slot_work(slot.kind);
  const StepPlan& plan = build.ranks.plan;
  const std::size_t forward_blocks = work.forward ? block_count(plan, slot.forward) : 0;
  const std::size_t backward_blocks =
      work.backward || work.weight ? block_count(plan, slot.backward) : 0;
  const auto add = [&](const Part& f, const Part& b) {
    add_layers(build.ranks, rank, index, work, f, b, ahead, back);
  };
  const auto at = [&](std::size_t position, bool reversed) {
    return part_of(build, reversed ? slot.backward : slot.forward, position, reversed);
  };
  const auto alone = [&](std::size_t position, bool reversed) {
    return plan.pairing == Pairing::kLayers && !at(position, reversed).cost->layer;
  };
  std::size_t f = 0;
  std::size_t b = 0;
  while (f < forward_blocks || b < backward_blocks) {
    for (; f < forward_blocks && alone(f, false); ++f) add(at(f, false), {});
    for (; b < backward_blocks && alone(b, true); ++b) add({}, at(b, true));
    if (f == forward_blocks && b == backward_blocks) break;
    add(f < forward_blocks ? at(f, false) : Part{}, b < backward_blocks ? at(b, true) : Part{});
    f = std::min(f + 1, forward_blocks);
    b = std::min(b + 1, backward_blocks);
  }
}

void add_slot(Lowering& build, int rank, std::int32_t index, const Slot& slot) {
  const StepPlan& plan = build.ranks.plan;
  const SlotWork work = slot_work(slot.kind);
  const Place place{.rank = rank, .slot = index, .loads = {}};
  const auto at = static_cast<std::size_t>(rank);
  ChunkEnds ahead;
  ahead.before = build.ranks.last_compute[at];
  build.ranks.slot_host[at] = kNone;
  ChunkEnds back = ahead;
  add_blocks(build, rank, index, slot, ahead, back);
  ahead.host = back.host = build.ranks.slot_host[at];
  std::array<RowId, 3> end{kNone, kNone, kNone};
  if (plan.hand_on == HandOn::kWithSlot) {
    end = {build.ranks.last_compute[at], ahead.last, back.last};
    ahead.also_first = back.first;
    back.also_first = ahead.first;
  }
  if (work.forward) {
    finish_chunk(build, place.in(Phase::kAttentionForward), slot.forward, slot.forward.stage + 1,
                 end, ahead);
    build.forward[chunk_index(plan, slot.forward)] = ahead;
  }
  if (work.backward) {
    finish_chunk(build, place.in(Phase::kAttentionBackward), slot.backward, slot.backward.stage - 1,
                 end, back);
    build.backward[chunk_index(plan, slot.backward)] = back;
  }
}

void link_chunk(TrainingStep& step, const ChunkEnds& chunk, RowId input) {
  link_rows(step.graph, chunk.first, input);
  link_rows(step.graph, chunk.also_first, input);
  if (chunk.host == kNone || input == kNone) return;
  // Frameworks that launch kernel by kernel let the host wait for what it receives and for all that
  // it launched before (Megatron-LM synchronises after each exchange).
  if (step.owners[static_cast<std::size_t>(input)].kind != OpKind::kSend) return;
  link_rows(step.graph, chunk.host, input);
  link_rows(step.graph, chunk.host, chunk.before);
}

/// F(m, s) waits for F(m, s-1), B(m, s) for B(m, s+1); the last stage's B for its own F.
void link_chunks(Lowering& build) {
  const std::size_t stages = build.ranks.plan.stages.size();
  TrainingStep& step = build.ranks.step;
  for (std::size_t i = 0; i < build.forward.size(); ++i) {
    const bool last_stage = i % stages == stages - 1;
    if (i % stages != 0) link_chunk(step, build.forward[i], build.forward[i - 1].last);
    link_chunk(step, build.backward[i],
               last_stage ? build.forward[i].last : build.backward[i + 1].last);
  }
}

/// Room for about as many rows as there will be.
void reserve_rows(TrainingStep& step, const StepPlan& plan) {
  std::size_t blocks = 0;
  for (const auto& stage : plan.stages) blocks += stage.size();
  const auto rows = static_cast<std::size_t>(kOpsPerLayer * static_cast<double>(blocks) *
                                             plan.schedule->directions * plan.shape.micro_batches);
  step.owners.reserve(rows);
  step.graph.rows.reserve(rows);
  step.graph.inputs.reserve(rows);
}

}  // namespace

std::int32_t block_of(const StepPlan& plan, const TrainingStep& step, const RowOwner& owner) {
  if (owner.slot == kNoSlot || owner.position == kNoBlock) return kNone;
  const auto rank = static_cast<std::size_t>(owner.pipeline_rank);
  const Slot& slot = step.slots[rank][static_cast<std::size_t>(owner.slot)];
  const Chunk& chunk = is_forward(owner.phase) ? slot.forward : slot.backward;
  return plan.stages[static_cast<std::size_t>(chunk.stage)][owner.position];
}

TrainingStep lower(const StepPlan& plan, int members, const Progress& progress, LoadShelf* shelf) {
  Lowering build{.ranks = make_rank_graph(plan, members),
                 .forward = {},
                 .backward = {},
                 .loads = MemberLoads(plan, members, shelf)};
  const std::size_t chunks = static_cast<std::size_t>(plan.schedule->directions) *
                             static_cast<std::size_t>(plan.shape.micro_batches) *
                             plan.stages.size();
  build.forward.resize(chunks);
  build.backward.resize(chunks);
  reserve_rows(build.ranks.step, plan);
  for (int rank = 0; rank < plan.shape.pipeline_ranks; ++rank) {
    const RankSlots& slots = build.ranks.step.slots[static_cast<std::size_t>(rank)];
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      add_slot(build, rank, static_cast<std::int32_t>(slot), slots[slot]);
    }
    if (progress) progress((rank + 1.0) / plan.shape.pipeline_ranks);
  }
  link_chunks(build);
  if (!plan.update.empty()) add_updates(build.ranks);
  return std::move(build.ranks.step);
}

}  // namespace windtunnel
