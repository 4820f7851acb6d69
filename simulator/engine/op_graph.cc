#include "simulator/engine/op_graph.h"

#include <cassert>
#include <limits>

#include "simulator/engine/speed.h"

namespace windtunnel {
namespace {

template <typename T>
std::int32_t next_id(const std::vector<T>& items) {
  assert(items.size() < std::numeric_limits<std::int32_t>::max());
  return static_cast<std::int32_t>(items.size());
}

template <typename T>
bool is_id(std::int32_t id, const std::vector<T>& items) {
  return id >= 0 && static_cast<std::size_t>(id) < items.size();
}

bool is_route(std::span<const Share> shares, const OpGraph& graph) {
  for (std::size_t k = 0; k < shares.size(); ++k) {
    if (!is_id(shares[k].resource, graph.capacities)) return false;
    if (shares[k].demand < 1 || shares[k].demand > kMaxDemand) return false;
    for (std::size_t other = 0; other < k; ++other) {
      if (shares[k].resource == shares[other].resource) return false;
    }
  }
  return true;
}

}  // namespace

void OpGraph::reserve(std::size_t op_count, std::size_t input_count) {
  ops.reserve(op_count);
  inputs.reserve(input_count);
}

LaneId OpGraph::add_lane() {
  assert(lanes < std::numeric_limits<LaneId>::max());
  return lanes++;
}

ResourceId OpGraph::add_resource(std::int64_t capacity) {
  assert(capacity >= kMinCapacity && capacity <= kMaxCapacity);
  const ResourceId id = next_id(capacities);
  capacities.push_back(capacity);
  return id;
}

GroupId OpGraph::add_group(std::int32_t members) {
  assert(members >= 1);
  const GroupId id = next_id(groups);
  groups.push_back({members, 0});
  return id;
}

OpId OpGraph::add_op(LaneId lane, Picoseconds work, std::span<const OpId> op_inputs,
                     std::span<const Share> shares, GroupId group) {
  assert(lane >= 0 && lane < lanes);
  assert(work.count >= 0 && work <= kEndOfClock);
  assert(is_route(shares, *this));
  const OpId id = next_id(ops);
  for (const OpId input : op_inputs) {
    assert(is_id(input, ops));
    inputs.push_back(input);
  }
  if (group != kNone) {
    assert(is_id(group, groups));
    Group& joined = groups[static_cast<std::size_t>(group)];
    assert(joined.added < joined.members);
    ++joined.added;
  }
  const RouteId route = shares.empty() ? kNone : find_or_add(routes, shares);
  ops.push_back({work, lane, group, route, next_id(inputs)});
  return id;
}

void OpGraph::add_input(OpId op, OpId input) {
  assert(is_id(op, ops) && is_id(input, ops) && op != input);
  late_inputs.push_back({op, input});
}

std::span<const OpId> inputs_of(const OpGraph& graph, OpId op) {
  const std::size_t index = static_cast<std::size_t>(op);
  const std::size_t begin =
      index == 0 ? 0 : static_cast<std::size_t>(graph.ops[index - 1].inputs_end);
  const std::size_t end = static_cast<std::size_t>(graph.ops[index].inputs_end);
  return std::span(graph.inputs).subspan(begin, end - begin);
}

}  // namespace windtunnel
