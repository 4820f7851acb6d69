// What is to be run: ops on lanes, what each waits for, and the resources it shares with others.
//
// Those who do the same work are the *members* of a graph, as the data ranks of a cluster are. What
// is added once, a row, is an op of every one of them: on the member's own lane, behind the
// member's own ops. Members meet in groups and on resources, and an op may take each of them
// another time. So ten million ops of a cluster are some ten thousand rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/engine/route_table.h"

namespace windtunnel {

using RowId = std::int32_t;
using OpId = std::int32_t;    ///< row * members + member
using LaneId = std::int32_t;  ///< of an op: the row's lane * members + member
using GroupId = std::int32_t;

inline constexpr std::int32_t kNone = -1;

// With these bounds the smallest speed is above zero and every sum of demands fits an int64 as long
// as fewer than 9000 ops are on one resource at once, which run() asserts.
inline constexpr std::int64_t kMinCapacity = 8;
inline constexpr std::int64_t kMaxCapacity = std::int64_t{1} << 62;
inline constexpr std::int64_t kMaxDemand = 1'000'000'000'000'000;

/// Something that takes time, once for every member. It ends `work` after its start if nothing
/// slows it.
struct Row {
  Picoseconds work;         ///< of a member, unless `works` says otherwise
  LaneId lane;              ///< one of each member's
  GroupId group;            ///< of the first member; kNone: each starts on its own
  std::int32_t in_group;    ///< members of each group: member m's is `group` + m / in_group
  std::int32_t works;       ///< kNone: all alike; else the first member's place in OpGraph::works
  std::int32_t routes;      ///< kNone: no resource is used; else a place in OpGraph::member_routes
  std::int32_t inputs_end;  ///< where its inputs end in OpGraph::inputs, and the next row's begin
};

/// One member's op.
struct Op {
  Picoseconds work;
  LaneId lane;
  GroupId group;  ///< kNone: starts on its own
  RouteId route;  ///< kNone: uses no resource and always runs at full speed
};

/// A row that waits for another, which may have been added after it.
struct LateInput {
  RowId row;
  RowId input;
};

/// Ops that start together, as the ranks of a collective do.
struct Group {
  std::int32_t members;
  std::int32_t added;
};

/// The groups in which a row's members meet: the first `in_group` of them in `first`, and so on.
struct RowGroups {
  GroupId first = kNone;
  std::int32_t in_group = 1;
};

/// Flat arrays that the functions add to, for run() to read. A lane runs its ops in the order in
/// which they were added, as a CUDA stream does. Wrong arguments fail an assertion.
struct OpGraph {
  std::int32_t members = 1;  ///< set before anything is added
  std::int32_t lanes = 0;    ///< of each member
  std::vector<Row> rows;
  std::vector<RowId> inputs;
  std::vector<LateInput> late_inputs;
  std::vector<Picoseconds> works;
  std::vector<RouteId> member_routes;
  RouteTable routes;
  std::vector<std::int64_t> capacities;
  std::vector<Group> groups;

  /// A lane of every member.
  LaneId add_lane();

  /// A resource of kMinCapacity to kMaxCapacity units per second.
  ResourceId add_resource(std::int64_t capacity);

  /// A group whose `size` ops (at least one, all on different lanes) start when the last is ready.
  GroupId add_group(std::int32_t size);

  /// A route; demands are 1 to kMaxDemand, each on a different resource. kNone without shares.
  RouteId add_route(std::span<const Share> shares);

  /// The routes of all members, one each, for rows; returns their place (kNone: no member has one).
  std::int32_t add_member_routes(std::span<const RouteId> of_members);

  /// A row whose members take `member_works` (one for all, or one each) at full speed, once the
  /// lane's previous op and all inputs, which were added before, have ended.
  RowId add_row(LaneId lane, std::span<const Picoseconds> member_works,
                std::span<const RowId> row_inputs, std::int32_t routes_at = kNone,
                RowGroups in = {});

  /// The same in a graph of one member, where rows and ops are one.
  OpId add_op(LaneId lane, Picoseconds work, std::span<const OpId> op_inputs,
              std::span<const Share> shares = {}, GroupId group = kNone);

  /// Lets `row` wait for `input` too, whichever of them was added first.
  void add_input(RowId row, RowId input);
};

/// How many ops a graph has.
inline std::size_t op_count(const OpGraph& graph) {
  return graph.rows.size() * static_cast<std::size_t>(graph.members);
}

inline OpId op_id(const OpGraph& graph, RowId row, std::int32_t member) {
  return row * graph.members + member;
}

inline RowId row_of(const OpGraph& graph, OpId op) { return op / graph.members; }

inline std::int32_t member_of(const OpGraph& graph, OpId op) { return op % graph.members; }

inline const Row& row_at(const OpGraph& graph, RowId row) {
  return graph.rows[static_cast<std::size_t>(row)];
}

inline Picoseconds work_of(const OpGraph& graph, const Row& row, std::int32_t member) {
  return row.works == kNone ? row.work : graph.works[static_cast<std::size_t>(row.works + member)];
}

inline LaneId lane_of(const OpGraph& graph, const Row& row, std::int32_t member) {
  return row.lane * graph.members + member;
}

/// The member whose op of a row runs on a lane.
inline std::int32_t member_on(const OpGraph& graph, const Row& row, LaneId lane) {
  return lane - row.lane * graph.members;
}

inline GroupId group_of(const Row& row, std::int32_t member) {
  return row.group == kNone ? kNone : row.group + member / row.in_group;
}

inline RouteId route_of(const OpGraph& graph, const Row& row, std::int32_t member) {
  return row.routes == kNone ? kNone
                             : graph.member_routes[static_cast<std::size_t>(row.routes + member)];
}

/// An op as its row describes it.
Op op_at(const OpGraph& graph, OpId op);

/// The inputs given to add_row().
std::span<const RowId> inputs_of(const OpGraph& graph, RowId row);

}  // namespace windtunnel
