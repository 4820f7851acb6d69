#include "simulator/engine/op_graph.h"

#include <algorithm>
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

/// All alike are written once.
void set_works(OpGraph& graph, Row& row, std::span<const Picoseconds> works) {
  assert(std::all_of(works.begin(), works.end(),
                     [](Picoseconds work) { return work.count >= 0 && work <= kEndOfClock; }));
  row.work = works.front();
  if (std::all_of(works.begin(), works.end(), [&](Picoseconds it) { return it == row.work; })) {
    return;
  }
  assert(works.size() == static_cast<std::size_t>(graph.members));
  row.works = next_id(graph.works);
  graph.works.insert(graph.works.end(), works.begin(), works.end());
}

void join_groups(OpGraph& graph, const RowGroups& in) {
  assert(in.in_group >= 1);
  for (std::int32_t first = 0; first < graph.members; first += in.in_group) {
    const GroupId id = in.first + first / in.in_group;
    assert(is_id(id, graph.groups));
    Group& joined = graph.groups[static_cast<std::size_t>(id)];
    joined.added += std::min(in.in_group, graph.members - first);
    assert(joined.added <= joined.members);
  }
}

}  // namespace

LaneId OpGraph::add_lane() {
  assert(lanes < std::numeric_limits<LaneId>::max() / members);
  return lanes++;
}

ResourceId OpGraph::add_resource(std::int64_t capacity) {
  assert(capacity >= kMinCapacity && capacity <= kMaxCapacity);
  const ResourceId id = next_id(capacities);
  capacities.push_back(capacity);
  return id;
}

GroupId OpGraph::add_group(std::int32_t size) {
  assert(size >= 1);
  const GroupId id = next_id(groups);
  groups.push_back({size, 0});
  return id;
}

RouteId OpGraph::add_route(std::span<const Share> shares) {
  assert(is_route(shares, *this));
  return shares.empty() ? kNone : find_or_add(routes, shares);
}

std::int32_t OpGraph::add_member_routes(std::span<const RouteId> of_members) {
  assert(of_members.size() == static_cast<std::size_t>(members));
  if (std::all_of(of_members.begin(), of_members.end(), [](RouteId id) { return id == kNone; })) {
    return kNone;
  }
  const std::int32_t place = next_id(member_routes);
  member_routes.insert(member_routes.end(), of_members.begin(), of_members.end());
  return place;
}

RowId OpGraph::add_row(LaneId lane, std::span<const Picoseconds> member_works,
                       std::span<const RowId> row_inputs, std::int32_t routes_at, RowGroups in) {
  assert(lane >= 0 && lane < lanes);
  assert(rows.size() < static_cast<std::size_t>(std::numeric_limits<OpId>::max() / members));
  assert(routes_at == kNone || is_id(routes_at + members - 1, member_routes));
  const RowId id = next_id(rows);
  Row row{.work = {0},
          .lane = lane,
          .group = in.first,
          .in_group = in.in_group,
          .works = kNone,
          .routes = routes_at,
          .inputs_end = 0};
  set_works(*this, row, member_works);
  if (in.first != kNone) join_groups(*this, in);
  for (const RowId input : row_inputs) {
    assert(is_id(input, rows));
    inputs.push_back(input);
  }
  row.inputs_end = next_id(inputs);
  rows.push_back(row);
  return id;
}

OpId OpGraph::add_op(LaneId lane, Picoseconds work, std::span<const OpId> op_inputs,
                     std::span<const Share> shares, GroupId group) {
  assert(members == 1);
  const RouteId route = add_route(shares);
  const std::int32_t routes_at = route == kNone ? kNone : add_member_routes({&route, 1});
  return add_row(lane, {&work, 1}, op_inputs, routes_at, {.first = group});
}

void OpGraph::add_input(RowId row, RowId input) {
  assert(is_id(row, rows) && is_id(input, rows) && row != input);
  late_inputs.push_back({row, input});
}

Op op_at(const OpGraph& graph, OpId op) {
  const Row& row = row_at(graph, row_of(graph, op));
  const std::int32_t member = member_of(graph, op);
  return {.work = work_of(graph, row, member),
          .lane = lane_of(graph, row, member),
          .group = group_of(row, member),
          .route = route_of(graph, row, member)};
}

std::span<const RowId> inputs_of(const OpGraph& graph, RowId row) {
  const std::size_t index = static_cast<std::size_t>(row);
  const std::size_t begin =
      index == 0 ? 0 : static_cast<std::size_t>(graph.rows[index - 1].inputs_end);
  const std::size_t end = static_cast<std::size_t>(graph.rows[index].inputs_end);
  return std::span(graph.inputs).subspan(begin, end - begin);
}

}  // namespace windtunnel
