#include "simulator/analysis/critical_path.h"

#include <algorithm>
#include <cstddef>

namespace windtunnel {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

bool earlier_row(const LateInput& a, const LateInput& b) { return a.row < b.row; }

/// What the walk asks of a graph, prepared once.
struct Backward {
  const OpGraph& graph;
  const Timeline& timeline;
  std::vector<RowId> before_on_lane;
  std::vector<OpId> last_member;  ///< of each group
  std::vector<LateInput> late;    ///< by row
};

/// Takes down which member of each of the row's groups was the last to be ready.
void note_last(const OpGraph& graph, const Timeline& timeline, RowId row,
               std::vector<OpId>& last_member) {
  if (row_at(graph, row).group == kNone) return;
  for (std::int32_t member = 0; member < graph.members; ++member) {
    const OpId op = op_id(graph, row, member);
    OpId& last = last_member[at(group_of(row_at(graph, row), member))];
    if (last == kNone || timeline.ready[at(op)] > timeline.ready[at(last)]) last = op;
  }
}

Backward prepared(const OpGraph& graph, const Timeline& timeline) {
  Backward back{.graph = graph,
                .timeline = timeline,
                .before_on_lane = {},
                .last_member = std::vector<OpId>(graph.groups.size(), kNone),
                .late = graph.late_inputs};
  std::vector<RowId> last_on_lane(at(graph.lanes), kNone);
  back.before_on_lane.reserve(graph.rows.size());
  for (std::size_t i = 0; i < graph.rows.size(); ++i) {
    const auto row = static_cast<RowId>(i);
    RowId& last = last_on_lane[at(graph.rows[i].lane)];
    back.before_on_lane.push_back(last);
    last = row;
    note_last(graph, timeline, row, back.last_member);
  }
  std::stable_sort(back.late.begin(), back.late.end(), earlier_row);
  return back;
}

/// The input that ended last if `op` was ready no later than it ended; of several the first added.
OpId binding_input(const Backward& back, OpId op) {
  const RowId row = row_of(back.graph, op);
  OpId found = kNone;
  const auto ask = [&](RowId input_row) {
    const OpId input = op_id(back.graph, input_row, member_of(back.graph, op));
    if (back.timeline.end[at(input)] != back.timeline.ready[at(op)]) return;
    if (found == kNone || input < found) found = input;
  };
  for (const RowId input : inputs_of(back.graph, row)) ask(input);
  const auto late =
      std::equal_range(back.late.begin(), back.late.end(), LateInput{row, kNone}, earlier_row);
  for (auto it = late.first; it != late.second; ++it) ask(it->input);
  return found;
}

OpId before_on_lane(const Backward& back, OpId op) {
  const RowId before = back.before_on_lane[at(row_of(back.graph, op))];
  return before == kNone ? kNone : op_id(back.graph, before, member_of(back.graph, op));
}

struct Step {
  OpId before;
  PathLink binding;
};

Step step_back(const Backward& back, OpId op) {
  const Timeline& timeline = back.timeline;
  const GroupId group = op_at(back.graph, op).group;
  OpId waited = op;
  if (group != kNone && timeline.ready[at(op)] < timeline.start[at(op)]) {
    waited = back.last_member[at(group)];
  }
  const bool group_binds = waited != op;
  if (timeline.ready[at(waited)].count == 0) {
    return {kNone, group_binds ? PathLink::kGroup : PathLink::kStart};
  }
  const OpId input = binding_input(back, waited);
  const OpId before = input != kNone ? input : before_on_lane(back, waited);
  if (group_binds) return {before, PathLink::kGroup};
  return {before, input != kNone ? PathLink::kInput : PathLink::kLane};
}

}  // namespace

std::vector<PathOp> critical_path(const OpGraph& graph, const Timeline& timeline) {
  std::vector<PathOp> path;
  const auto last = std::max_element(timeline.end.begin(), timeline.end.end());
  if (last == timeline.end.end()) return path;
  const Backward back = prepared(graph, timeline);
  for (OpId op = static_cast<OpId>(last - timeline.end.begin()); op != kNone;) {
    const Step step = step_back(back, op);
    path.push_back({op, step.binding});
    op = step.before;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace windtunnel
