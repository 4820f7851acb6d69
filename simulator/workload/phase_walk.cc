#include "simulator/workload/phase_walk.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "simulator/workload/phase_streams.h"
#include "simulator/workload/slot_work.h"

namespace windtunnel {
namespace {

/// A chunk on its way through a slot: when what it has come to is there. `begun`: it has done
/// something; until then that is its input.
struct Way {
  Clock at{};
  bool begun = false;
};

/// What the ops of a rank share: its NIC, and its SMs where collectives take some (else 0), of
/// which one asks for `of_collective`. `sharding_meets`: all members share a block's parameters.
struct Sharing {
  double nic;
  double sms;
  double of_collective;
  bool sharding_meets;
};

struct Walk {
  const StepPlan& plan;
  MemberLoads& loads;
  Sharing sharing;
  std::vector<Streams> ranks;
  std::vector<Clock> forward;
  std::vector<Clock> backward;
};

bool computes(const PhaseTime& phase) { return phase.fixed.count > 0 || phase.routed.count > 0; }

/// One block of a chunk, or none.
struct Part {
  const BlockCost* cost = nullptr;
  std::span<const double> loads = {};  ///< empty: even
};

/// A transfer on one of the rank's streams: each member's takes `loads` times as long.
void run_on(Streams& on, Clock& stream, const Sharing& sharing, const TransferTime& transfer,
            std::span<const double> loads, bool holds_sms) {
  const double time = picoseconds(transfer.time);
  for (std::size_t i = 0; i < kMostMembers; ++i) {
    const double own = loads.empty() ? time : std::floor(time * std::max(1.0, loads[i]));
    stream[i] += own;
    if (transfer.nic_demand > 0) {
      on.nic.draw(i, stream[i] - own, own, static_cast<double>(transfer.nic_demand));
    }
    if (holds_sms && sharing.sms > 0) on.sms.draw(i, stream[i] - own, own, sharing.of_collective);
  }
}

/// Kernels with the rows of each member.
void run_kernels(Streams& on, const Sharing& sharing, const PhaseTime& phase,
                 std::span<const double> loads) {
  for (std::size_t i = 0; i < kMostMembers; ++i) {
    const double load = loads.empty() ? 1.0 : loads[i];
    const double own = picoseconds(phase.fixed) + std::floor(picoseconds(phase.routed) * load);
    on.compute[i] += own;
    if (sharing.sms > 0) on.sms.draw(i, on.compute[i] - own, own, phase.sms);
  }
}

void run_phase(Streams& on, const Sharing& sharing, const PhaseTime& phase,
               std::span<const double> loads, Way& way, const Clock& parameters) {
  const auto collective = [&](const TransferTime& transfer) {
    if (transfer.time.count == 0) return false;
    wait(on.communication, way.at);
    run_on(on, on.communication, sharing, transfer, {}, true);
    return true;
  };
  if (collective(phase.tensor)) way = {on.communication, true};
  if (!computes(phase)) return;
  const bool context = collective(phase.context);
  const bool again = collective(phase.tensor_beside);
  wait(on.compute, way.at);
  wait(on.compute, parameters);
  run_kernels(on, sharing, phase, loads);
  if (context || again) wait(on.compute, on.communication);
  way = {on.compute, true};
}

/// A dispatch or combine: the group starts together, each member moves what it sends or receives.
void run_transfer(Streams& on, const Sharing& sharing, const TransferTime& transfer,
                  std::span<const double> loads, Way& way) {
  wait(on.communication, way.at);
  meet(on.communication);
  run_on(on, on.communication, sharing, transfer, loads, false);
  way = {on.communication, true};
}

/// Nothing where the block is not sharded.
void run_sharding(Streams& on, Clock Streams::*stream, const Sharing& sharing,
                  const TransferTime& transfer, const Clock& behind) {
  wait(on.*stream, behind);
  if (sharing.sharding_meets) meet(on.*stream);
  run_on(on, on.*stream, sharing, transfer, {}, true);
}

/// The blocks of both chunks beside each other, in the lowering's order of issue.
struct BlockWalk {
  Walk& walk;
  Streams& on;
  SlotWork work;
  Way& ahead;
  Way& back;

  Clock gathered(const Part& part) {
    if (part.cost == nullptr || part.cost->shard.gather.time.count == 0) return kStart;
    run_sharding(on, &Streams::gather, walk.sharing, part.cost->shard.gather, on.block);
    on.block = on.compute;
    return on.gather;
  }

  /// On no chunk's way; the first thing that a chunk does waits for its gradient, and then it
  /// alone.
  void run_weight(const PhaseTime& phase, const Part& part) {
    Way own{};
    const bool first = work.backward && !back.begun;
    if (first) own.at = back.at;
    run_phase(on, walk.sharing, phase, part.loads, own, kStart);
    if (first && own.begun) back.at = kStart;
  }

  void run(const Part& f, const Part& b) {
    static constexpr BlockTimes kNothing{};
    const bool paired = work.forward && work.backward;
    const auto times = [&](const Part& part) -> const BlockTimes& {
      if (part.cost == nullptr) return kNothing;
      return paired ? part.cost->paired : part.cost->alone;
    };
    const BlockTimes& ft = times(f);
    const BlockTimes& bt = times(b);
    const bool f_routed = f.cost != nullptr && f.cost->routed;
    const bool b_routed = b.cost != nullptr && b.cost->routed && work.backward;
    if (b_routed) run_transfer(on, walk.sharing, bt.combine_backward, b.loads, back);
    const Clock f_parameters = gathered(f);
    run_phase(on, walk.sharing, ft.attention_forward, f.loads, ahead, f_parameters);
    if (work.backward) {
      const bool gathers = bt.mlp_backward.fixed.count > 0;
      run_phase(on, walk.sharing, bt.mlp_backward, b.loads, back, gathers ? gathered(b) : kStart);
    }
    if (f_routed) run_transfer(on, walk.sharing, ft.dispatch_forward, f.loads, ahead);
    if (work.weight) run_weight(bt.mlp_weight, b);
    if (b_routed) run_transfer(on, walk.sharing, bt.dispatch_backward, b.loads, back);
    run_phase(on, walk.sharing, ft.mlp_forward, f.loads, ahead,
              ft.attention_forward.fixed.count > 0 ? kStart : f_parameters);
    if (work.backward) run_phase(on, walk.sharing, bt.attention_backward, b.loads, back, kStart);
    if (f_routed) run_transfer(on, walk.sharing, ft.combine_forward, f.loads, ahead);
    if (!work.weight) return;
    run_weight(bt.attention_weight, b);
    if (b.cost != nullptr && b.cost->shard.reduce.time.count > 0) {
      run_sharding(on, &Streams::scatter, walk.sharing, b.cost->shard.reduce, on.compute);
    }
  }
};

Part part_of(Walk& walk, const Chunk& chunk, std::size_t position, bool reversed) {
  const std::vector<int>& blocks = walk.plan.stages[static_cast<std::size_t>(chunk.stage)];
  if (position >= blocks.size()) return {};
  const std::size_t index = reversed ? blocks.size() - 1 - position : position;
  const BlockCost& cost = walk.plan.blocks[static_cast<std::size_t>(blocks[index])];
  if (!cost.routed) return {&cost, {}};
  return {&cost, walk.loads.of(chunk, index)};
}

void run_blocks(Walk& walk, const Slot& slot, BlockWalk& blocks) {
  const auto count = [&](const Chunk& chunk) {
    return walk.plan.stages[static_cast<std::size_t>(chunk.stage)].size();
  };
  const std::size_t ahead = blocks.work.forward ? count(slot.forward) : 0;
  const std::size_t back = blocks.work.backward || blocks.work.weight ? count(slot.backward) : 0;
  const auto f_at = [&](std::size_t place) {
    return place < ahead ? part_of(walk, slot.forward, place, false) : Part{};
  };
  const auto b_at = [&](std::size_t place) {
    return place < back ? part_of(walk, slot.backward, place, true) : Part{};
  };
  const auto alone = [&](const Part& part) {
    return walk.plan.pairing == Pairing::kLayers && !part.cost->layer;
  };
  std::size_t f = 0;
  std::size_t b = 0;
  while (f < ahead || b < back) {
    for (; f < ahead && alone(f_at(f)); ++f) blocks.run(f_at(f), {});
    for (; b < back && alone(b_at(b)); ++b) blocks.run({}, b_at(b));
    if (f == ahead && b == back) break;
    blocks.run(f_at(f), b_at(b));
    f = std::min(f + 1, ahead);
    b = std::min(b + 1, back);
  }
}

/// When a chunk's input is there, which may be unknown yet.
Clock input_of(const Walk& walk, Chunk chunk, bool back) {
  if (!back && chunk.stage == 0) return kStart;
  if (back && chunk.stage + 1 == static_cast<int>(walk.plan.stages.size())) {
    return walk.forward[chunk_index(walk.plan, chunk)];
  }
  chunk.stage += back ? 1 : -1;
  return (back ? walk.backward : walk.forward)[chunk_index(walk.plan, chunk)];
}

/// Hands a chunk on to `next`, over a link where that is on another rank, not before `also`.
Clock handed_on(Walk& walk, int rank, const Chunk& chunk, int next, const Clock& output,
                const Clock& also) {
  const StepPlan& plan = walk.plan;
  if (next < 0 || next >= static_cast<int>(plan.stages.size())) return output;
  if (plan.schedule->rank_of(plan.shape, {chunk.direction, chunk.micro_batch, next}) == rank) {
    return output;
  }
  Clock& send = walk.ranks[static_cast<std::size_t>(rank)].send;
  wait(send, output);
  wait(send, also);
  pass(send, picoseconds(plan.send.time));
  return send;
}

/// Whether the inputs of the slot were there.
bool walk_slot(Walk& walk, int rank, const Slot& slot) {
  const SlotWork work = slot_work(slot.kind);
  Way ahead{};
  Way back{};
  if (work.forward) ahead.at = input_of(walk, slot.forward, false);
  if (work.backward) back.at = input_of(walk, slot.backward, true);
  if (ahead.at[0] == kUnknown || back.at[0] == kUnknown) return false;
  const bool whole = walk.plan.hand_on == HandOn::kWithSlot;
  if (whole && work.forward && work.backward) {
    wait(ahead.at, back.at);
    back.at = ahead.at;
  }
  Streams& on = walk.ranks[static_cast<std::size_t>(rank)];
  if (on.nic.from == kUnknown) {
    double first = std::numeric_limits<double>::infinity();
    if (work.forward) first = *std::min_element(ahead.at.begin(), ahead.at.end());
    if (work.backward) first = std::min(first, *std::min_element(back.at.begin(), back.at.end()));
    on.nic.from = on.sms.from = first;
  }
  BlockWalk blocks{.walk = walk, .on = on, .work = work, .ahead = ahead, .back = back};
  run_blocks(walk, slot, blocks);
  Clock end = kStart;
  if (whole) {
    end = on.compute;
    if (ahead.begun) wait(end, ahead.at);
    if (back.begun) wait(end, back.at);
  }
  const auto output = [](const Way& way) { return way.begun ? way.at : kStart; };
  if (work.forward) {
    walk.forward[chunk_index(walk.plan, slot.forward)] =
        handed_on(walk, rank, slot.forward, slot.forward.stage + 1, output(ahead), end);
  }
  if (work.backward) {
    walk.backward[chunk_index(walk.plan, slot.backward)] =
        handed_on(walk, rank, slot.backward, slot.backward.stage - 1, output(back), end);
  }
  return true;
}

double latest(const Streams& on) {
  Clock last = on.compute;
  for (const Clock* stream : {&on.communication, &on.send, &on.gather, &on.scatter}) {
    wait(last, *stream);
  }
  return *std::max_element(last.begin(), last.end());
}

/// A NIC or SMs that all ops so far have shared.
double shared_until(const Walk& walk, const Streams& on) {
  const double nic = on.nic.end(walk.sharing.nic);
  return walk.sharing.sms > 0 ? std::max(nic, on.sms.end(walk.sharing.sms)) : nic;
}

/// Gradients are reduced, the norm is that of all ranks, then each updates its shard and gathers.
/// Ranks that hold the same stages reduce and gather together.
double updated(Walk& walk) {
  const auto& update = walk.plan.update;
  const std::size_t ranks = update.size();
  const auto mirror = [&](std::size_t rank) {
    return walk.plan.schedule->parameter_copies == 2 ? ranks - 1 - rank : rank;
  };
  std::vector<double> ready;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    Streams on = walk.ranks[rank];
    wait(on.communication, on.compute);
    wait(on.communication, on.scatter);
    ready.push_back(std::max(*std::max_element(on.communication.begin(), on.communication.end()),
                             shared_until(walk, on)));
  }
  double norm = 0;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    norm = std::max(
        norm, std::max(ready[rank], ready[mirror(rank)]) + picoseconds(update[rank].reduce.time));
  }
  double last = norm;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    const Picoseconds slower = std::max(update[rank].optimizer, update[mirror(rank)].optimizer);
    last = std::max(last, norm + picoseconds(slower) + picoseconds(update[rank].gather.time));
  }
  return last;
}

void walk_slots(Walk& walk) {
  const std::vector<RankSlots> slots = walk.plan.schedule->slots(walk.plan.shape);
  std::vector<std::size_t> next(slots.size(), 0);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t rank = 0; rank < slots.size(); ++rank) {
      while (next[rank] < slots[rank].size() &&
             walk_slot(walk, static_cast<int>(rank), slots[rank][next[rank]])) {
        ++next[rank];
        moved = true;
      }
    }
  }
  for (std::size_t rank = 0; rank < slots.size(); ++rank) {
    assert(next[rank] == slots[rank].size());
  }
}

}  // namespace

Picoseconds least_phases(const StepPlan& plan, MemberLoads& loads) {
  assert(plan.skew.time_factors.empty() && plan.skew.jitter == 0);
  Clock unknown{};
  unknown.fill(kUnknown);
  const std::size_t chunks = static_cast<std::size_t>(plan.schedule->directions) *
                             static_cast<std::size_t>(plan.shape.micro_batches) *
                             plan.stages.size();
  Walk walk{.plan = plan,
            .loads = loads,
            .sharing = {.nic = static_cast<double>(plan.nic_capacity),
                        .sms = plan.sms.collective > 0 ? static_cast<double>(plan.sms.gpu) : 0,
                        .of_collective = static_cast<double>(plan.sms.collective),
                        .sharding_meets = plan.shard_ranks >= loads.members()},
            .ranks = std::vector<Streams>(static_cast<std::size_t>(plan.shape.pipeline_ranks)),
            .forward = std::vector<Clock>(chunks, unknown),
            .backward = std::vector<Clock>(chunks, unknown)};
  walk_slots(walk);
  double last = updated(walk);
  for (const Streams& on : walk.ranks) {
    last = std::max({last, latest(on), shared_until(walk, on)});
  }
  return {static_cast<std::int64_t>(last)};
}

}  // namespace windtunnel
