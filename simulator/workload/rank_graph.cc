#include "simulator/workload/rank_graph.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "simulator/base/random.h"
#include "simulator/workload/rank_routes.h"

namespace windtunnel {
namespace {

Picoseconds scaled(Picoseconds time, double factor) {
  return {std::llround(static_cast<double>(time.count) * factor)};
}

double load_of(std::span<const double> loads, int member) {
  return loads.empty() ? 1.0 : loads[static_cast<std::size_t>(member)];
}

std::span<const RowId> input_of(const RowId& row) {
  return row == kNone ? std::span<const RowId>() : std::span(&row, 1);
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

/// What `even(member)` takes a usual rank, scattered by each op's own jitter; of kernels (no `use`)
/// as much longer as the member's GPU is slower. One for all where nothing tells members apart.
template <typename EvenTime>
std::span<const Picoseconds> works_of(RankGraph& build, int rank, const RouteUse* use,
                                      std::span<const double> loads, EvenTime even) {
  const RankSkew& skew = build.plan.skew;
  const bool own_speed = use == nullptr && !build.time_factors.empty();
  const bool detours = use != nullptr && use->nic_demand > 0 && !build.routes.detours.empty();
  const bool alike = loads.empty() && !own_speed && !detours && skew.jitter <= 0;
  const int members = build.step.members;
  build.works.clear();
  for (int member = 0; member < (alike ? 1 : members); ++member) {
    const auto at = static_cast<std::size_t>(rank * members + member);
    double factor = own_speed ? build.time_factors[at] : 1;
    if (skew.jitter > 0) {
      const std::uint64_t op = op_count(build.step.graph) + static_cast<std::size_t>(member);
      constexpr double kLeast = 0.1;
      factor *= std::max(kLeast, 1 + skew.jitter * normal(mix(skew.seed, op)));
    }
    const Picoseconds work = even(load_of(loads, member));
    build.works.push_back(factor == 1 ? work : scaled(work, factor));
    if (detours) build.works.back() += detour_of(build.routes, use->rank, use->to, member);
  }
  return build.works;
}

RowId add_owned_row(RankGraph& build, const Place& place, OpKind kind, LaneId lane,
                    std::span<const Picoseconds> works, RowId input, std::int32_t routes,
                    RowGroups in = {}) {
  build.step.owners.push_back({.pipeline_rank = place.rank,
                               .slot = place.slot,
                               .kind = kind,
                               .phase = place.phase,
                               .position = place.position});
  return build.step.graph.add_row(lane, works, input_of(input), routes, in);
}

/// Groups of so many members each, the last of what is left; of one each there are none.
RowGroups add_groups(OpGraph& graph, int in_group) {
  if (in_group == 1) return {};
  RowGroups in{.first = kNone, .in_group = in_group};
  for (int first = 0; first < graph.members; first += in_group) {
    const GroupId group = graph.add_group(std::min(in_group, graph.members - first));
    if (first == 0) in.first = group;
  }
  return in;
}

}  // namespace

int alike_members(const StepPlan& plan, int members) {
  const bool folded = members < std::min(plan.expert_ranks, plan.data_ranks);
  return folded ? members - static_cast<int>(plan.skew.apart.size()) : members;
}

RankGraph make_rank_graph(const StepPlan& plan, int members) {
  RankGraph build{.plan = plan,
                  .step = {.graph = {},
                           .owners = {},
                           .slots = plan.schedule->slots(plan.shape),
                           .pipeline_ranks = plan.shape.pipeline_ranks,
                           .members = members},
                  .lanes = {},
                  .resources = {},
                  .last_compute = {},
                  .block_start = {},
                  .last_scatter = {},
                  .last_host = {},
                  .slot_host = {},
                  .routes = network_routes(plan, members),
                  .segments = {},
                  .routes_of_use = {},
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
  graph.members = members;
  for (int rank = 0; rank < build.step.pipeline_ranks; ++rank) {
    build.lanes.push_back({.compute = graph.add_lane(),
                           .communication = graph.add_lane(),
                           .send = graph.add_lane(),
                           .gather = sharded ? graph.add_lane() : kNone,
                           .scatter = sharded ? graph.add_lane() : kNone,
                           .host = hosted ? graph.add_lane() : kNone});
    for (int member = 0; member < members; ++member) {
      build.resources.push_back(
          {.nic_out = graph.add_resource(plan.nic_capacity),
           .nic_in = graph.add_resource(plan.nic_capacity),
           .sms = shares_sms ? graph.add_resource(plan.sms.gpu * kUnitsOfSm) : kNone});
    }
  }
  for (const std::int64_t capacity : build.routes.capacities) {
    build.segments.push_back(graph.add_resource(capacity));
  }
  return build;
}

const RankLanes& lanes_of(const RankGraph& build, int rank) {
  return build.lanes[static_cast<std::size_t>(rank)];
}

namespace {

/// The same collective of every member, on its communication stream.
RowId add_collective(RankGraph& build, const Place& place, const TransferTime& transfer,
                     RowId input, OpKind kind) {
  return add_nic_row(build, place, lanes_of(build, place.rank).communication, transfer, {}, input,
                     kind);
}

/// A collective of the ranks that share a block's parameters: each group starts together.
RowId add_sharding(RankGraph& build, const Place& place, LaneId lane, const TransferTime& transfer,
                   RowId input) {
  const int in_group = std::min(build.step.members, build.plan.shard_ranks);
  return add_nic_row(build, place, lane, transfer, {}, input, OpKind::kShard,
                     add_groups(build.step.graph, in_group));
}

RowId add_kernels(RankGraph& build, const Place& place, const PhaseTime& time, RowId input) {
  const auto works = works_of(build, place.rank, nullptr, place.loads,
                              [&](double load) { return time.fixed + scaled(time.routed, load); });
  const bool shares = build.resources.front().sms != kNone && time.sms > 0;
  const std::int32_t routes = routes_of(build, {.rank = place.rank,
                                                .to = kNone,
                                                .traffic = Traffic::kReplicas,
                                                .nic_demand = 0,
                                                .sms = shares ? time.sms * kUnitsOfSm : 0});
  return add_owned_row(build, place, OpKind::kCompute, lanes_of(build, place.rank).compute, works,
                       input, routes);
}

/// The launches of a phase: its `kernels` begin once the host is there. What follows has to wait
/// for the row that is returned too: the last of them end no earlier.
RowId add_host(RankGraph& build, const Place& place, Picoseconds launches, RowId kernels) {
  if (launches.count == 0) return kNone;
  const auto rank = static_cast<std::size_t>(place.rank);
  const RowId row = add_owned_row(build, place, OpKind::kHost, lanes_of(build, place.rank).host,
                                  {&launches, 1}, kNone, kNone);
  link_rows(build.step.graph, kernels, build.last_host[rank]);
  build.last_host[rank] = row;
  if (build.slot_host[rank] == kNone) build.slot_host[rank] = row;
  return row;
}

}  // namespace

void link_rows(OpGraph& graph, RowId row, RowId input) {
  if (row == kNone || input == kNone || row == input) return;
  graph.add_input(row, input);
}

PhaseRows add_compute(RankGraph& build, const Place& place, const PhaseTime& time, RowId input,
                      RowId parameters) {
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
  const RowId context = beside(time.context, OpKind::kContext);
  const RowId again = beside(time.tensor_beside, OpKind::kTensor);
  RowId row = add_kernels(build, place, time, rows.last);
  link_rows(build.step.graph, row, parameters);
  if (rows.first == input) rows.first = row;
  const RowId launched = add_host(build, place, time.host, row);
  if (besides || launched != kNone) {  // the stream waits for what ran beside its kernels
    row = add_kernels(build, place, {}, row);
    link_rows(build.step.graph, row, context);
    link_rows(build.step.graph, row, again);
    link_rows(build.step.graph, row, launched);
  }
  rows.last = row;
  build.last_compute[static_cast<std::size_t>(place.rank)] = row;
  return rows;
}

RowId add_gather(RankGraph& build, const Place& place, const TransferTime& gather) {
  if (gather.time.count == 0) return kNone;
  const auto rank = static_cast<std::size_t>(place.rank);
  const RowId row =
      add_sharding(build, place, build.lanes[rank].gather, gather, build.block_start[rank]);
  build.block_start[rank] = build.last_compute[rank];
  return row;
}

void add_scatter(RankGraph& build, const Place& place, const TransferTime& scatter) {
  if (scatter.time.count == 0) return;
  const auto rank = static_cast<std::size_t>(place.rank);
  build.last_scatter[rank] =
      add_sharding(build, place, build.lanes[rank].scatter, scatter, build.last_compute[rank]);
}

RowId add_kernel_row(RankGraph& build, const Place& place, Picoseconds work, RowId input,
                     OpKind kind, RowGroups in) {
  const auto works = works_of(build, place.rank, nullptr, {}, [&](double) { return work; });
  return add_owned_row(build, place, kind, lanes_of(build, place.rank).compute, works, input, kNone,
                       in);
}

RowId add_nic_row(RankGraph& build, const Place& place, LaneId lane, const TransferTime& transfer,
                  std::span<const double> loads, RowId input, OpKind kind, RowGroups in) {
  const bool shares_sms = build.resources.front().sms != kNone && holds_sms(kind);
  const RouteUse use{.rank = place.rank,
                     .to = kNone,
                     .traffic = traffic_of_kind(kind),
                     .nic_demand = transfer.nic_demand,
                     .sms = shares_sms ? build.plan.sms.collective * kUnitsOfSm : 0};
  const auto works = works_of(build, place.rank, &use, loads,
                              [&](double load) { return scaled(transfer.time, load); });
  return add_owned_row(build, place, kind, lane, works, input, routes_of(build, use), in);
}

RowId add_transfer(RankGraph& build, const Place& place, const TransferTime& transfer, RowId input,
                   OpKind kind) {
  const int in_group = std::min(build.step.members, build.plan.expert_ranks);
  std::vector<double> loads(place.loads.begin(), place.loads.end());
  for (double& load : loads) load = std::max(1.0, load);
  return add_nic_row(build, place, lanes_of(build, place.rank).communication, transfer, loads,
                     input, kind, add_groups(build.step.graph, in_group));
}

RowId add_send(RankGraph& build, const Place& place, int to, RowId input) {
  const TransferTime& send = build.plan.send;
  const bool on = to == (place.rank + 1) % build.step.pipeline_ranks;
  const RouteUse use{.rank = place.rank,
                     .to = to,
                     .traffic = on ? Traffic::kSendsOn : Traffic::kSendsBack,
                     .nic_demand = send.nic_demand,
                     .sms = 0};
  const auto works = works_of(build, place.rank, &use, {}, [&](double) { return send.time; });
  return add_owned_row(build, place, OpKind::kSend, lanes_of(build, place.rank).send, works, input,
                       routes_of(build, use));
}

}  // namespace windtunnel
