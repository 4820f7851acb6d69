// Ops of all members of a pipeline rank at once: what the lowering of a step is made of.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/workload/step_plan.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {

/// The streams of a simulated rank and the two directions of its NIC.
struct RankLanes {
  LaneId compute;
  LaneId communication;
  LaneId send;
  ResourceId nic_out;
  ResourceId nic_in;
};

/// Ops are added for all members of a pipeline rank at once: member m's op is `row + m`.
using OpRow = OpId;

/// A step under construction and the lanes of its ranks.
struct RankGraph {
  const StepPlan& plan;
  TrainingStep step;
  std::vector<RankLanes> lanes;
  std::vector<OpRow> last_compute;  ///< of each pipeline rank so far
};

/// Where ops are being added: pipeline rank, slot index, and the loads of the members (empty = 1).
struct Place {
  int rank;
  std::int32_t slot;
  std::span<const double> loads;
};

/// Streams and NICs of `members` ranks for every pipeline rank of the plan.
RankGraph make_rank_graph(const StepPlan& plan, int members);

const RankLanes& lanes_of(const RankGraph& build, int rank, int member);

/// Notes who the op added last belongs to.
void note_owner(RankGraph& build, const Place& place, int member, OpKind kind);

/// A compute phase of every member, after `input`; a phase without time adds nothing and hands
/// `input` on.
OpRow add_compute(RankGraph& build, const Place& place, const PhaseTime& time, OpRow input);

/// A dispatch or combine of every member. The ranks of an expert group start together (DeepEP's
/// notify is this barrier, never work); each then moves max(sent, received) rows, of which one is
/// the expectation and the other its load.
OpRow add_transfer(RankGraph& build, const Place& place, const TransferTime& transfer, OpRow input,
                   OpKind kind);

/// Activations (or their gradients) of every member, from pipeline rank `place.rank` to `to`.
OpRow add_send(RankGraph& build, const Place& place, int to, OpRow input);

/// An op of one member on its communication stream that draws on its NIC both ways.
OpId add_nic_op(RankGraph& build, const Place& place, int member, const TransferTime& transfer,
                std::span<const OpId> inputs, OpKind kind, GroupId group);

}  // namespace windtunnel
