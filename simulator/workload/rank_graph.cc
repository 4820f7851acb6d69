#include "simulator/workload/rank_graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace windtunnel {
namespace {

Picoseconds scaled(Picoseconds time, double factor) {
  return {std::llround(static_cast<double>(time.count) * factor)};
}

double load_of(const Place& place, int member) {
  return place.loads.empty() ? 1.0 : place.loads[static_cast<std::size_t>(member)];
}

std::span<const OpId> input_of(OpRow row, OpId& storage, int member) {
  if (row == kNone) return {};
  storage = row + member;
  return {&storage, 1};
}

/// The shares of a transfer that may draw nothing.
std::span<const Share> used(const std::array<Share, 2>& shares) {
  return shares[0].demand > 0 ? std::span<const Share>(shares) : std::span<const Share>();
}

bool launched_by_host(const BlockCost& block) {
  const BlockTimes& times = block.alone;
  const PhaseTime* phases[] = {&times.attention_forward, &times.mlp_forward,
                               &times.mlp_backward,      &times.attention_backward,
                               &times.mlp_weight,        &times.attention_weight};
  return std::any_of(std::begin(phases), std::end(phases),
                     [](const PhaseTime* phase) { return phase->host.count > 0; });
}

}  // namespace

RankGraph make_rank_graph(const StepPlan& plan, int members) {
  RankGraph build{.plan = plan,
                  .step = {.graph = {},
                           .owners = {},
                           .slots = plan.schedule->slots(plan.shape),
                           .pipeline_ranks = plan.shape.pipeline_ranks,
                           .members = members},
                  .lanes = {},
                  .last_compute = {},
                  .block_start = {},
                  .last_scatter = {},
                  .last_host = {},
                  .slot_host = {}};
  build.last_compute.assign(static_cast<std::size_t>(plan.shape.pipeline_ranks), kNone);
  build.block_start = build.last_scatter = build.last_compute;
  build.last_host = build.slot_host = build.last_compute;
  const bool sharded = std::any_of(plan.blocks.begin(), plan.blocks.end(), [](const BlockCost& b) {
    return b.shard.gather.time.count > 0 || b.shard.reduce.time.count > 0;
  });
  const bool hosted = std::any_of(plan.blocks.begin(), plan.blocks.end(), launched_by_host);
  OpGraph& graph = build.step.graph;
  for (int rank = 0; rank < build.step.pipeline_ranks * members; ++rank) {
    build.lanes.push_back({.compute = graph.add_lane(),
                           .communication = graph.add_lane(),
                           .send = graph.add_lane(),
                           .gather = sharded ? graph.add_lane() : kNone,
                           .scatter = sharded ? graph.add_lane() : kNone,
                           .host = hosted ? graph.add_lane() : kNone,
                           .nic_out = graph.add_resource(plan.nic_capacity),
                           .nic_in = graph.add_resource(plan.nic_capacity)});
  }
  return build;
}

const RankLanes& lanes_of(const RankGraph& build, int rank, int member) {
  return build.lanes[static_cast<std::size_t>(rank * build.step.members + member)];
}

void note_owner(RankGraph& build, const Place& place, int member, OpKind kind) {
  build.step.owners.push_back({.rank = place.rank * build.step.members + member,
                               .slot = place.slot,
                               .kind = kind,
                               .phase = place.phase,
                               .position = place.position});
}

namespace {

/// The same collective of every member, on its communication stream.
OpRow add_collective(RankGraph& build, const Place& place, const TransferTime& transfer,
                     OpRow input, OpKind kind) {
  OpRow row = kNone;
  for (int member = 0; member < build.step.members; ++member) {
    OpId storage = kNone;
    const OpId op =
        add_nic_op(build, place, member, lanes_of(build, place.rank, member).communication,
                   transfer, input_of(input, storage, member), kind, kNone);
    if (member == 0) row = op;
  }
  return row;
}

/// A collective of the ranks that share a block's parameters: each group starts together.
OpRow add_sharding(RankGraph& build, const Place& place, LaneId RankLanes::*lane,
                   const TransferTime& transfer, OpRow input) {
  const int in_group = std::min(build.step.members, build.plan.shard_ranks);
  OpRow row = kNone;
  GroupId group = kNone;
  for (int member = 0; member < build.step.members; ++member) {
    if (in_group > 1 && member % in_group == 0) group = build.step.graph.add_group(in_group);
    OpId storage = kNone;
    const OpId op = add_nic_op(build, place, member, lanes_of(build, place.rank, member).*lane,
                               transfer, input_of(input, storage, member), OpKind::kShard, group);
    if (member == 0) row = op;
  }
  return row;
}

OpRow add_kernels(RankGraph& build, const Place& place, const PhaseTime& time, OpRow input) {
  OpRow row = kNone;
  for (int member = 0; member < build.step.members; ++member) {
    OpId storage = kNone;
    const Picoseconds work = time.fixed + scaled(time.routed, load_of(place, member));
    const OpId op = build.step.graph.add_op(lanes_of(build, place.rank, member).compute, work,
                                            input_of(input, storage, member));
    note_owner(build, place, member, OpKind::kCompute);
    if (member == 0) row = op;
  }
  return row;
}

/// The launches of a phase: its `kernels` begin once the host is there. What follows has to wait
/// for the row that is returned too: the last of them end no earlier.
OpRow add_host(RankGraph& build, const Place& place, Picoseconds launches, OpRow kernels) {
  if (launches.count == 0) return kNone;
  const auto rank = static_cast<std::size_t>(place.rank);
  OpRow row = kNone;
  for (int member = 0; member < build.step.members; ++member) {
    const OpId op = build.step.graph.add_op(lanes_of(build, place.rank, member).host, launches, {});
    note_owner(build, place, member, OpKind::kHost);
    if (member == 0) row = op;
  }
  link_rows(build.step, kernels, build.last_host[rank]);
  build.last_host[rank] = row;
  if (build.slot_host[rank] == kNone) build.slot_host[rank] = row;
  return row;
}

}  // namespace

void link_rows(TrainingStep& step, OpRow op, OpRow input) {
  if (op == kNone || input == kNone || op == input) return;
  for (int member = 0; member < step.members; ++member) {
    step.graph.add_input(op + member, input + member);
  }
}

PhaseRows add_compute(RankGraph& build, const Place& place, const PhaseTime& time, OpRow input,
                      OpRow parameters) {
  const bool computes = time.fixed.count > 0 || time.routed.count > 0;
  const bool before = time.tensor.time.count > 0;
  const bool besides =
      computes && (time.context.time.count > 0 || time.tensor_beside.time.count > 0);
  PhaseRows rows{input, input};
  if (before || (besides && input == kNone)) {
    // Without a collective of its own, an op without work holds back what runs beside the kernels.
    rows.last = add_collective(build, place, time.tensor, input, OpKind::kTensor);
    rows.first = rows.last;
  }
  if (!computes) return rows;
  const auto beside = [&](const TransferTime& transfer, OpKind kind) {
    return transfer.time.count > 0 ? add_collective(build, place, transfer, rows.last, kind)
                                   : kNone;
  };
  const OpRow context = beside(time.context, OpKind::kContext);
  const OpRow again = beside(time.tensor_beside, OpKind::kTensor);
  OpRow row = add_kernels(build, place, time, rows.last);
  link_rows(build.step, row, parameters);
  if (rows.first == input) rows.first = row;
  const OpRow launched = add_host(build, place, time.host, row);
  if (besides || launched != kNone) {  // the stream waits for what ran beside its kernels
    row = add_kernels(build, place, {}, row);
    link_rows(build.step, row, context);
    link_rows(build.step, row, again);
    link_rows(build.step, row, launched);
  }
  rows.last = row;
  build.last_compute[static_cast<std::size_t>(place.rank)] = row;
  return rows;
}

OpRow add_gather(RankGraph& build, const Place& place, const TransferTime& gather) {
  if (gather.time.count == 0) return kNone;
  const auto rank = static_cast<std::size_t>(place.rank);
  const OpRow row = add_sharding(build, place, &RankLanes::gather, gather, build.block_start[rank]);
  build.block_start[rank] = build.last_compute[rank];
  return row;
}

void add_scatter(RankGraph& build, const Place& place, const TransferTime& scatter) {
  if (scatter.time.count == 0) return;
  const auto rank = static_cast<std::size_t>(place.rank);
  build.last_scatter[rank] =
      add_sharding(build, place, &RankLanes::scatter, scatter, build.last_compute[rank]);
}

OpId add_nic_op(RankGraph& build, const Place& place, int member, LaneId lane,
                const TransferTime& transfer, std::span<const OpId> inputs, OpKind kind,
                GroupId group) {
  const RankLanes& lanes = lanes_of(build, place.rank, member);
  const std::array shares{Share{lanes.nic_out, transfer.nic_demand},
                          Share{lanes.nic_in, transfer.nic_demand}};
  const OpId op = build.step.graph.add_op(lane, transfer.time, inputs, used(shares), group);
  note_owner(build, place, member, kind);
  return op;
}

OpRow add_transfer(RankGraph& build, const Place& place, const TransferTime& transfer, OpRow input,
                   OpKind kind) {
  const int members = build.step.members;
  const int in_group = std::min(members, build.plan.expert_ranks);
  OpRow row = kNone;
  GroupId group = kNone;
  for (int member = 0; member < members; ++member) {
    if (in_group > 1 && member % in_group == 0) group = build.step.graph.add_group(in_group);
    const TransferTime own{scaled(transfer.time, std::max(1.0, load_of(place, member))),
                           transfer.nic_demand};
    OpId storage = kNone;
    const OpId op =
        add_nic_op(build, place, member, lanes_of(build, place.rank, member).communication, own,
                   input_of(input, storage, member), kind, group);
    if (member == 0) row = op;
  }
  return row;
}

OpRow add_send(RankGraph& build, const Place& place, int to, OpRow input) {
  const TransferTime& send = build.plan.send;
  OpRow row = kNone;
  for (int member = 0; member < build.step.members; ++member) {
    const RankLanes& source = lanes_of(build, place.rank, member);
    const std::array shares{Share{source.nic_out, send.nic_demand},
                            Share{lanes_of(build, to, member).nic_in, send.nic_demand}};
    OpId storage = kNone;
    const OpId op = build.step.graph.add_op(source.send, send.time,
                                            input_of(input, storage, member), used(shares));
    note_owner(build, place, member, OpKind::kSend);
    if (member == 0) row = op;
  }
  return row;
}

}  // namespace windtunnel
