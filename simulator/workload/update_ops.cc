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
  const UpdateCost& cost = build.plan.update[static_cast<std::size_t>(rank)];
  const auto at = static_cast<std::size_t>(rank);
  const Place place{.rank = rank, .slot = kNoSlot, .loads = {}};
  const auto in = [&](GroupId group) {
    return group == kNone ? RowGroups{} : RowGroups{group, build.step.members};
  };
  const auto on_compute = [&](Picoseconds work, RowId input, GroupId group) {
    return add_kernel_row(build, place, work, input, OpKind::kUpdate, in(group));
  };
  const LaneId stream = lanes_of(build, rank).communication;
  const RowId done = on_compute({0}, build.last_scatter[at], kNone);
  const RowId reduced = add_nic_row(build, place.in(Phase::kAttentionWeight), stream, cost.reduce,
                                    {}, done, OpKind::kGradient, in(groups.reduce[at]));
  const RowId norm = on_compute({0}, reduced, groups.norm);
  const RowId updated = on_compute(cost.optimizer, norm, kNone);
  add_nic_row(build, place, stream, cost.gather, {}, updated, OpKind::kGradient,
              in(groups.gather[at]));
}

}  // namespace

void add_updates(RankGraph& build) {
  const UpdateGroups groups = add_update_groups(build);
  for (int rank = 0; rank < build.plan.shape.pipeline_ranks; ++rank) {
    add_update(build, rank, groups);
  }
}

}  // namespace windtunnel
