#include "simulator/workload/rank_graph.h"

#include <algorithm>
#include <array>
#include <cmath>

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

}  // namespace

RankGraph make_rank_graph(const StepPlan& plan, int members) {
  RankGraph build{.plan = plan,
                  .step = {.graph = {},
                           .owners = {},
                           .slots = plan.schedule->slots(plan.shape),
                           .pipeline_ranks = plan.shape.pipeline_ranks,
                           .members = members},
                  .lanes = {},
                  .last_compute = {}};
  build.last_compute.assign(static_cast<std::size_t>(plan.shape.pipeline_ranks), kNone);
  OpGraph& graph = build.step.graph;
  for (int rank = 0; rank < build.step.pipeline_ranks * members; ++rank) {
    build.lanes.push_back({.compute = graph.add_lane(),
                           .communication = graph.add_lane(),
                           .send = graph.add_lane(),
                           .nic_out = graph.add_resource(plan.nic_capacity),
                           .nic_in = graph.add_resource(plan.nic_capacity)});
  }
  return build;
}

const RankLanes& lanes_of(const RankGraph& build, int rank, int member) {
  return build.lanes[static_cast<std::size_t>(rank * build.step.members + member)];
}

void note_owner(RankGraph& build, const Place& place, int member, OpKind kind) {
  build.step.owners.push_back(
      {.rank = place.rank * build.step.members + member, .slot = place.slot, .kind = kind});
}

OpRow add_compute(RankGraph& build, const Place& place, const PhaseTime& time, OpRow input) {
  if (time.fixed.count == 0 && time.routed.count == 0) return input;
  OpRow row = kNone;
  for (int member = 0; member < build.step.members; ++member) {
    OpId storage = kNone;
    const Picoseconds work = time.fixed + scaled(time.routed, load_of(place, member));
    const OpId op = build.step.graph.add_op(lanes_of(build, place.rank, member).compute, work,
                                            input_of(input, storage, member));
    note_owner(build, place, member, OpKind::kCompute);
    if (member == 0) row = op;
  }
  build.last_compute[static_cast<std::size_t>(place.rank)] = row;
  return row;
}

OpId add_nic_op(RankGraph& build, const Place& place, int member, const TransferTime& transfer,
                std::span<const OpId> inputs, OpKind kind, GroupId group) {
  const RankLanes& lanes = lanes_of(build, place.rank, member);
  const std::array shares{Share{lanes.nic_out, transfer.nic_demand},
                          Share{lanes.nic_in, transfer.nic_demand}};
  const OpId op =
      build.step.graph.add_op(lanes.communication, transfer.time, inputs, used(shares), group);
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
        add_nic_op(build, place, member, own, input_of(input, storage, member), kind, group);
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
