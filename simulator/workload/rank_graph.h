// Ops of all members of a pipeline rank at once: what the lowering of a step is made of.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "simulator/workload/network_routes.h"
#include "simulator/workload/step_plan.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {

/// The streams of a pipeline rank's members. Sharded parameters are gathered and their gradients
/// scattered on streams of their own; `host` is the thread that launches kernels, where they wait
/// for it.
struct RankLanes {
  LaneId compute;
  LaneId communication;
  LaneId send;
  LaneId gather;
  LaneId scatter;
  LaneId host;
};

/// What a simulated rank shares: the two directions of its NIC, and the SMs of its GPU for kernels
/// and the collectives beside them, where there are any (kNone); dispatch and combine take theirs
/// from the price of what they run beside.
struct RankResources {
  ResourceId nic_out;
  ResourceId nic_in;
  ResourceId sms;
};

/// What tells the routes of a row from those of another: whose ops, of what traffic, to which
/// pipeline rank (kNone: within their own), and what each draws from its NIC and of its SMs.
struct RouteUse {
  std::int32_t rank;
  std::int32_t to;
  Traffic traffic;
  std::int64_t nic_demand;
  std::int64_t sms;

  friend auto operator<=>(const RouteUse&, const RouteUse&) = default;
};

/// A step under construction and the lanes of its ranks.
struct RankGraph {
  const StepPlan& plan;
  TrainingStep step;
  std::vector<RankLanes> lanes;          ///< of each pipeline rank
  std::vector<RankResources> resources;  ///< of each simulated rank
  std::vector<RowId> last_compute;       ///< of each pipeline rank so far
  std::vector<RowId> block_start;        ///< the same when the block before the next one began
  std::vector<RowId> last_scatter;       ///< of gradients
  std::vector<RowId> last_host;          ///< launches of each pipeline rank so far
  std::vector<RowId> slot_host;          ///< its first launches in the slot being added
  NetworkRoutes routes;
  std::vector<ResourceId> segments;                ///< of the routes
  std::map<RouteUse, std::int32_t> routes_of_use;  ///< as places in the graph's member_routes
  std::vector<double> time_factors = {};           ///< of each simulated rank's kernels; none: 1
  std::vector<Picoseconds> works = {};             ///< of the row being added
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

const RankLanes& lanes_of(const RankGraph& build, int rank);

/// Members that stand for the ranks of an expert group that are not shown apart.
int alike_members(const StepPlan& plan, int members);

/// Where a phase begins, which is what waits for its input, and where it ends.
struct PhaseRows {
  RowId first;
  RowId last;
};

/// A compute phase of every member with its collectives, after `input` and with `parameters`; a
/// phase without time adds nothing and hands `input` on.
PhaseRows add_compute(RankGraph& build, const Place& place, const PhaseTime& time, RowId input,
                      RowId parameters = kNone);

/// A dispatch or combine of every member. The ranks of an expert group start together (DeepEP's
/// notify is this barrier, never work); each then moves max(sent, received) rows, of which one is
/// the expectation and the other its load.
RowId add_transfer(RankGraph& build, const Place& place, const TransferTime& transfer, RowId input,
                   OpKind kind);

/// Activations (or their gradients) of every member, from pipeline rank `place.rank` to `to`.
RowId add_send(RankGraph& build, const Place& place, int to, RowId input);

/// The parameters of a block, gathered while the block before it computes; kNone where they are not
/// sharded.
RowId add_gather(RankGraph& build, const Place& place, const TransferTime& gather);

/// The gradients of a block, scattered behind the rank's last compute op.
void add_scatter(RankGraph& build, const Place& place, const TransferTime& scatter);

/// Makes a row wait for another; kNone waits for nothing.
void link_rows(OpGraph& graph, RowId row, RowId input);

/// Compute that takes each member `work` (as much longer as its GPU is slower), and no SMs that
/// anything else asks for.
RowId add_kernel_row(RankGraph& build, const Place& place, Picoseconds work, RowId input,
                     OpKind kind, RowGroups in);

/// A transfer of each member on one of its streams that draws on its NIC both ways; `loads`: how
/// many times its time takes each member (empty: once).
RowId add_nic_row(RankGraph& build, const Place& place, LaneId lane, const TransferTime& transfer,
                  std::span<const double> loads, RowId input, OpKind kind, RowGroups in = {});

}  // namespace windtunnel
