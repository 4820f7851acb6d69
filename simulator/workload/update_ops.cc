#include "simulator/workload/update_ops.h"

namespace windtunnel {
namespace {

/// Groups that meet in the update: the ranks holding the same stages, and all ranks at the norm.
struct UpdateGroups {
  std::vector<GroupId> reduce;
  std::vector<GroupId> gather;
  GroupId norm = kNone;
};

UpdateGroups add_update_groups(RankGraph& build) {
  TrainingStep& step = build.step;
  const int ranks = step.pipeline_ranks;
  const auto mirror = [&](int rank) {
    return build.plan.schedule->parameter_copies == 2 ? ranks - 1 - rank : rank;
  };
  UpdateGroups groups;
  groups.reduce.assign(static_cast<std::size_t>(ranks), kNone);
  groups.gather = groups.reduce;
  for (int rank = 0; rank < ranks; ++rank) {
    const int size = step.members * (mirror(rank) == rank ? 1 : 2);
    if (size == 1 || mirror(rank) < rank) continue;
    for (std::vector<GroupId>* kind : {&groups.reduce, &groups.gather}) {
      const GroupId group = step.graph.add_group(size);
      (*kind)[static_cast<std::size_t>(rank)] = group;
      (*kind)[static_cast<std::size_t>(mirror(rank))] = group;
    }
  }
  if (ranks * step.members > 1) groups.norm = step.graph.add_group(ranks * step.members);
  return groups;
}

/// Reduce gradients, wait for the global norm, update this rank's shard, gather parameters.
void add_update(RankGraph& build, int rank, const UpdateGroups& groups) {
  OpGraph& graph = build.step.graph;
  const UpdateCost& cost = build.plan.update[static_cast<std::size_t>(rank)];
  const auto at = static_cast<std::size_t>(rank);
  const Place place{.rank = rank, .slot = kNoSlot, .loads = {}};
  for (int member = 0; member < build.step.members; ++member) {
    const LaneId compute = lanes_of(build, rank, member).compute;
    const auto on_compute = [&](Picoseconds work, std::span<const OpId> inputs, GroupId group) {
      const Picoseconds time = own_time(build, rank, member, work, true);
      const OpId op = graph.add_op(compute, time, inputs, {}, group);
      note_owner(build, place, member, OpKind::kUpdate);
      return op;
    };
    const OpRow scattered = build.last_scatter[at];
    const OpId last = scattered == kNone ? kNone : scattered + member;
    const OpId done =
        on_compute({0}, last == kNone ? std::span<const OpId>() : std::span(&last, 1), kNone);
    const LaneId stream = lanes_of(build, rank, member).communication;
    const OpId reduced = add_nic_op(build, place.in(Phase::kAttentionWeight), member, stream,
                                    cost.reduce, {&done, 1}, OpKind::kGradient, groups.reduce[at]);
    const OpId norm = on_compute({0}, {&reduced, 1}, groups.norm);
    const OpId updated = on_compute(cost.optimizer, {&norm, 1}, kNone);
    add_nic_op(build, place, member, stream, cost.gather, {&updated, 1}, OpKind::kGradient,
               groups.gather[at]);
  }
}

}  // namespace

void add_updates(RankGraph& build) {
  const UpdateGroups groups = add_update_groups(build);
  for (int rank = 0; rank < build.plan.shape.pipeline_ranks; ++rank) {
    add_update(build, rank, groups);
  }
}

}  // namespace windtunnel
