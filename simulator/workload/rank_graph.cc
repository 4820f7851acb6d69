#include "simulator/workload/rank_graph.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "simulator/base/random.h"

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

Traffic traffic_of_kind(OpKind kind) {
  switch (kind) {
    case OpKind::kDispatch:
    case OpKind::kCombine:
      return Traffic::kExperts;
    case OpKind::kTensor:
      return Traffic::kTensor;
    case OpKind::kContext:
      return Traffic::kContext;
    case OpKind::kShard:
      return Traffic::kShards;
    default:
      return Traffic::kReplicas;
  }
}

/// A transfer's way through a member's NIC (those of its neighbours where that is down).
void add_nic_shares(RankGraph& build, int rank, int member, ResourceId RankLanes::*direction,
                    std::int64_t demand) {
  const auto at = static_cast<std::size_t>(rank * build.step.members + member);
  if (build.routes.nics.empty()) {
    build.shares.push_back({build.lanes[at].*direction, demand});
    return;
  }
  for (const NicUse& use : build.routes.nics[at]) {
    const RankLanes& owner = build.lanes[static_cast<std::size_t>(use.rank)];
    build.shares.push_back({owner.*direction, demand * use.count});
  }
}

/// Its way through the switches; crossings of one segment follow each other.
void add_crossings(RankGraph& build, int rank, int member, Traffic traffic, std::int64_t demand) {
  std::int32_t last = -1;
  for (const Crossing& crossing : crossings_of(build.routes, traffic, rank, member)) {
    const std::int64_t own = demand_of(build.routes, crossing, demand);
    if (own == 0) continue;
    if (crossing.segment == last) {
      build.shares.back().demand += own;
    } else {
      last = crossing.segment;
      build.shares.push_back({build.segments[static_cast<std::size_t>(last)], own});
    }
  }
}

bool launched_by_host(const BlockCost& block) {
  const BlockTimes& times = block.alone;
  const PhaseTime* phases[] = {&times.attention_forward, &times.mlp_forward,
                               &times.mlp_backward,      &times.attention_backward,
                               &times.mlp_weight,        &times.attention_weight};
  return std::any_of(std::begin(phases), std::end(phases),
                     [](const PhaseTime* phase) { return phase->host.count > 0; });
}

bool has_collectives(const BlockCost& block) {
  const auto any = [](const PhaseTime& phase) {
    return phase.tensor.time.count > 0 || phase.tensor_beside.time.count > 0 ||
           phase.context.time.count > 0;
  };
  const BlockTimes& times = block.alone;
  return block.shard.gather.time.count > 0 || block.shard.reduce.time.count > 0 ||
         any(times.attention_forward) || any(times.mlp_forward) || any(times.mlp_backward) ||
         any(times.attention_backward) || any(times.mlp_weight) || any(times.attention_weight);
}

/// The SMs of dispatch and combine are in the prices of what runs beside them.
bool holds_sms(OpKind kind) {
  return kind == OpKind::kTensor || kind == OpKind::kContext || kind == OpKind::kShard;
}

/// Above kMinCapacity for any GPU.
constexpr std::int64_t kUnitsOfSm = 1000;

/// The data rank that a member is, if it is one; members that stand for others have none.
std::optional<int> data_rank(const StepPlan& plan, int members, int member) {
  if (members == plan.data_ranks) return member;
  const std::vector<int>& apart = plan.skew.apart;
  const int group = apart.empty() ? 0 : apart.front() / plan.expert_ranks;
  if (members == plan.expert_ranks) return group * plan.expert_ranks + member;
  const int alike = alike_members(plan, members);
  if (member < alike) return std::nullopt;
  return apart[static_cast<std::size_t>(member - alike)];
}

std::vector<double> member_factors(const StepPlan& plan, int members) {
  if (plan.skew.time_factors.empty()) return {};
  std::vector<double> factors;
  for (int rank = 0; rank < plan.shape.pipeline_ranks; ++rank) {
    for (int member = 0; member < members; ++member) {
      const std::optional<int> own = data_rank(plan, members, member);
      factors.push_back(
          own ? plan.skew.time_factors[static_cast<std::size_t>(rank * plan.data_ranks + *own)]
              : 1.0);
    }
  }
  return factors;
}

}  // namespace

int alike_members(const StepPlan& plan, int members) {
  const bool folded = members < std::min(plan.expert_ranks, plan.data_ranks);
  return folded ? members - static_cast<int>(plan.skew.apart.size()) : members;
}

Picoseconds own_time(const RankGraph& build, int rank, int member, Picoseconds work, bool kernels) {
  double factor = 1;
  if (kernels && !build.time_factors.empty()) {
    factor = build.time_factors[static_cast<std::size_t>(rank * build.step.members + member)];
  }
  const RankSkew& skew = build.plan.skew;
  if (skew.jitter > 0) {
    constexpr double kLeast = 0.1;
    factor *=
        std::max(kLeast, 1 + skew.jitter * normal(mix(skew.seed, build.step.graph.ops.size())));
  }
  return factor == 1 ? work : scaled(work, factor);
}

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
                  .slot_host = {},
                  .routes = network_routes(plan, members),
                  .segments = {},
                  .shares = {},
                  .time_factors = member_factors(plan, members)};
  build.last_compute.assign(static_cast<std::size_t>(plan.shape.pipeline_ranks), kNone);
  build.block_start = build.last_scatter = build.last_compute;
  build.last_host = build.slot_host = build.last_compute;
  const bool sharded = std::any_of(plan.blocks.begin(), plan.blocks.end(), [](const BlockCost& b) {
    return b.shard.gather.time.count > 0 || b.shard.reduce.time.count > 0;
  });
  const bool hosted = std::any_of(plan.blocks.begin(), plan.blocks.end(), launched_by_host);
  const bool shares_sms = plan.sms.collective > 0 &&
                          std::any_of(plan.blocks.begin(), plan.blocks.end(), has_collectives);
  OpGraph& graph = build.step.graph;
  for (int rank = 0; rank < build.step.pipeline_ranks * members; ++rank) {
    build.lanes.push_back(
        {.compute = graph.add_lane(),
         .communication = graph.add_lane(),
         .send = graph.add_lane(),
         .gather = sharded ? graph.add_lane() : kNone,
         .scatter = sharded ? graph.add_lane() : kNone,
         .host = hosted ? graph.add_lane() : kNone,
         .nic_out = graph.add_resource(plan.nic_capacity),
         .nic_in = graph.add_resource(plan.nic_capacity),
         .sms = shares_sms ? graph.add_resource(plan.sms.gpu * kUnitsOfSm) : kNone});
  }
  for (const std::int64_t capacity : build.routes.capacities) {
    build.segments.push_back(graph.add_resource(capacity));
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
    const Picoseconds even = time.fixed + scaled(time.routed, load_of(place, member));
    const Picoseconds work = own_time(build, place.rank, member, even, true);
    const RankLanes& lanes = lanes_of(build, place.rank, member);
    const Share share{lanes.sms, time.sms * kUnitsOfSm};
    const bool shares = lanes.sms != kNone && time.sms > 0;
    const OpId op =
        build.step.graph.add_op(lanes.compute, work, input_of(input, storage, member),
                                shares ? std::span(&share, 1) : std::span<const Share>());
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
  build.shares.clear();
  if (transfer.nic_demand > 0) {
    add_nic_shares(build, place.rank, member, &RankLanes::nic_out, transfer.nic_demand);
    add_nic_shares(build, place.rank, member, &RankLanes::nic_in, transfer.nic_demand);
    add_crossings(build, place.rank, member, traffic_of_kind(kind), transfer.nic_demand);
  }
  const RankLanes& lanes = lanes_of(build, place.rank, member);
  if (lanes.sms != kNone && holds_sms(kind)) {
    build.shares.push_back({lanes.sms, build.plan.sms.collective * kUnitsOfSm});
  }
  const Picoseconds time = own_time(build, place.rank, member, transfer.time, false);
  const OpId op = build.step.graph.add_op(lane, time, inputs, build.shares, group);
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
  const bool on = to == (place.rank + 1) % build.step.pipeline_ranks;
  const Traffic traffic = on ? Traffic::kSendsOn : Traffic::kSendsBack;
  OpRow row = kNone;
  for (int member = 0; member < build.step.members; ++member) {
    build.shares.clear();
    if (send.nic_demand > 0) {
      add_nic_shares(build, place.rank, member, &RankLanes::nic_out, send.nic_demand);
      add_nic_shares(build, to, member, &RankLanes::nic_in, send.nic_demand);
      add_crossings(build, place.rank, member, traffic, send.nic_demand);
    }
    OpId storage = kNone;
    const Picoseconds time = own_time(build, place.rank, member, send.time, false);
    const OpId op = build.step.graph.add_op(lanes_of(build, place.rank, member).send, time,
                                            input_of(input, storage, member), build.shares);
    note_owner(build, place, member, OpKind::kSend);
    if (member == 0) row = op;
  }
  return row;
}

}  // namespace windtunnel
