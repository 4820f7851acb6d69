// What is to be run: ops on lanes, what each waits for, and the resources it shares with others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/engine/route_table.h"

namespace windtunnel {

using OpId = std::int32_t;
using LaneId = std::int32_t;
using GroupId = std::int32_t;

inline constexpr std::int32_t kNone = -1;

// With these bounds the smallest speed is above zero and every sum of demands fits an int64 as long
// as fewer than 9000 ops are on one resource at once, which run() asserts.
inline constexpr std::int64_t kMinCapacity = 8;
inline constexpr std::int64_t kMaxCapacity = std::int64_t{1} << 62;
inline constexpr std::int64_t kMaxDemand = 1'000'000'000'000'000;

/// Something that takes time. It ends `work` after its start if nothing slows it.
struct Op {
  Picoseconds work;
  LaneId lane;
  GroupId group;            ///< kNone: starts on its own
  RouteId route;            ///< kNone: uses no resource and always runs at full speed
  std::int32_t inputs_end;  ///< where its inputs end in OpGraph::inputs, and the next op's begin
};

/// An op that waits for another, which may have been added after it.
struct LateInput {
  OpId op;
  OpId input;
};

/// Ops that start together, as the ranks of a collective do.
struct Group {
  std::int32_t members;
  std::int32_t added;
};

/// Flat arrays that the functions add to, for run() to read. A lane runs its ops in the order in
/// which they were added, as a CUDA stream does. Wrong arguments fail an assertion.
struct OpGraph {
  std::int32_t lanes = 0;
  std::vector<Op> ops;
  std::vector<OpId> inputs;
  std::vector<LateInput> late_inputs;
  RouteTable routes;
  std::vector<std::int64_t> capacities;
  std::vector<Group> groups;

  /// Makes room, so that adding does not copy the arrays.
  void reserve(std::size_t op_count, std::size_t input_count);

  LaneId add_lane();

  /// A resource of kMinCapacity to kMaxCapacity units per second.
  ResourceId add_resource(std::int64_t capacity);

  /// A group whose `members` (at least one, all on different lanes) start when the last is ready.
  GroupId add_group(std::int32_t members);

  /// An op that takes `work` at full speed once its lane's previous op and all inputs, which were
  /// added before, have ended; demands are 1 to kMaxDemand, each on a different resource.
  OpId add_op(LaneId lane, Picoseconds work, std::span<const OpId> op_inputs,
              std::span<const Share> shares = {}, GroupId group = kNone);

  /// Lets `op` wait for `input` too, whichever of them was added first.
  void add_input(OpId op, OpId input);
};

/// The inputs given to add_op().
std::span<const OpId> inputs_of(const OpGraph& graph, OpId op);

}  // namespace windtunnel
