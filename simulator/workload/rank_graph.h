// Ops of all members of a pipeline rank at once: what the lowering of a step is made of.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/workload/network_routes.h"
#include "simulator/workload/step_plan.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {

/// The streams of a simulated rank and the two directions of its NIC. Sharded parameters are
/// gathered and their gradients scattered on streams of their own; `host` is the thread that
/// launches kernels, where they wait for it. `sms`: shared by kernels and the collectives beside
/// them, where there are any; dispatch and combine take theirs from the price of what they run
/// beside.
struct RankLanes {
  LaneId compute;
  LaneId communication;
  LaneId send;
  LaneId gather;
  LaneId scatter;
  LaneId host;
  ResourceId nic_out;
  ResourceId nic_in;
  ResourceId sms;
};

/// Ops are added for all members of a pipeline rank at once: member m's op is `row + m`.
using OpRow = OpId;

/// A step under construction and the lanes of its ranks.
struct RankGraph {
  const StepPlan& plan;
  TrainingStep step;
  std::vector<RankLanes> lanes;
  std::vector<OpRow> last_compute;  ///< of each pipeline rank so far
  std::vector<OpRow> block_start;   ///< the same when the block before the next one began
  std::vector<OpRow> last_scatter;  ///< of gradients
  std::vector<OpRow> last_host;     ///< launches of each pipeline rank so far
  std::vector<OpRow> slot_host;     ///< its first launches in the slot being added
  NetworkRoutes routes;
  std::vector<ResourceId> segments;  ///< of the routes
  std::vector<Share> shares;         ///< of the op being added
  std::vector<double> time_factors = {};  ///< of each simulated rank's kernels; none: 1
};

/// Where ops are being added: pipeline rank, slot index, the loads of the members (empty = 1), and
/// the phase and block that they are part of.
struct Place {
  int rank;
  std::int32_t slot;
  std::span<const double> loads;
  std::uint16_t position = kNoBlock;
  Phase phase = Phase::kAttentionForward;

  /// The same place in another phase.
  [[nodiscard]] Place in(Phase other) const {
    Place place = *this;
    place.phase = other;
    return place;
  }
};

/// Streams and NICs of `members` ranks for every pipeline rank of the plan.
RankGraph make_rank_graph(const StepPlan& plan, int members);

const RankLanes& lanes_of(const RankGraph& build, int rank, int member);

/// The time of the member's next op to be added: `work` of a usual rank scattered by the op's own
/// jitter and, of kernels, as much longer as its GPU is slower.
Picoseconds own_time(const RankGraph& build, int rank, int member, Picoseconds work, bool kernels);

/// Members that stand for the ranks of an expert group that are not shown apart.
int alike_members(const StepPlan& plan, int members);

/// Notes who the op added last belongs to.
void note_owner(RankGraph& build, const Place& place, int member, OpKind kind);

/// Where a phase begins, which is what waits for its input, and where it ends.
struct PhaseRows {
  OpRow first;
  OpRow last;
};

/// A compute phase of every member with its collectives, after `input` and with `parameters`; a
/// phase without time adds nothing and hands `input` on.
PhaseRows add_compute(RankGraph& build, const Place& place, const PhaseTime& time, OpRow input,
                      OpRow parameters = kNone);

/// A dispatch or combine of every member. The ranks of an expert group start together (DeepEP's
/// notify is this barrier, never work); each then moves max(sent, received) rows, of which one is
/// the expectation and the other its load.
OpRow add_transfer(RankGraph& build, const Place& place, const TransferTime& transfer, OpRow input,
                   OpKind kind);

/// Activations (or their gradients) of every member, from pipeline rank `place.rank` to `to`.
OpRow add_send(RankGraph& build, const Place& place, int to, OpRow input);

/// The parameters of a block, gathered while the block before it computes; kNone where they are not
/// sharded.
OpRow add_gather(RankGraph& build, const Place& place, const TransferTime& gather);

/// The gradients of a block, scattered behind the rank's last compute op.
void add_scatter(RankGraph& build, const Place& place, const TransferTime& scatter);

/// Makes every member's op of the row wait for another row; kNone waits for nothing.
void link_rows(TrainingStep& step, OpRow op, OpRow input);

/// An op of one member on one of its streams that draws on its NIC both ways.
OpId add_nic_op(RankGraph& build, const Place& place, int member, LaneId lane,
                const TransferTime& transfer, std::span<const OpId> inputs, OpKind kind,
                GroupId group);

}  // namespace windtunnel
