#include "simulator/analysis/critical_path.h"

#include <algorithm>
#include <cstddef>

namespace windtunnel {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

bool earlier_op(const LateInput& a, const LateInput& b) { return a.op < b.op; }

/// What the walk asks of a graph, prepared once.
struct Backward {
  const OpGraph& graph;
  const Timeline& timeline;
  std::vector<OpId> before_on_lane;
  std::vector<OpId> last_member;  ///< of each group
  std::vector<LateInput> late;    ///< by op
};

Backward prepared(const OpGraph& graph, const Timeline& timeline) {
  Backward back{.graph = graph,
                .timeline = timeline,
                .before_on_lane = {},
                .last_member = std::vector<OpId>(graph.groups.size(), kNone),
                .late = graph.late_inputs};
  std::vector<OpId> last_on_lane(at(graph.lanes), kNone);
  back.before_on_lane.reserve(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    OpId& last = last_on_lane[at(graph.ops[i].lane)];
    back.before_on_lane.push_back(last);
    last = static_cast<OpId>(i);
    if (graph.ops[i].group == kNone) continue;
    OpId& member = back.last_member[at(graph.ops[i].group)];
    if (member == kNone || timeline.ready[i] > timeline.ready[at(member)]) {
      member = static_cast<OpId>(i);
    }
  }
  std::stable_sort(back.late.begin(), back.late.end(), earlier_op);
  return back;
}

/// The input that ended last if `op` was ready no later than it ended; of several the first added.
OpId binding_input(const Backward& back, OpId op) {
  OpId found = kNone;
  const auto ask = [&](OpId input) {
    if (back.timeline.end[at(input)] != back.timeline.ready[at(op)]) return;
    if (found == kNone || input < found) found = input;
  };
  for (const OpId input : inputs_of(back.graph, op)) ask(input);
  const auto late =
      std::equal_range(back.late.begin(), back.late.end(), LateInput{op, kNone}, earlier_op);
  for (auto it = late.first; it != late.second; ++it) ask(it->input);
  return found;
}

struct Step {
  OpId before;
  PathLink binding;
};

Step step_back(const Backward& back, OpId op) {
  const Timeline& timeline = back.timeline;
  const GroupId group = back.graph.ops[at(op)].group;
  OpId waited = op;
  if (group != kNone && timeline.ready[at(op)] < timeline.start[at(op)]) {
    waited = back.last_member[at(group)];
  }
  const bool group_binds = waited != op;
  if (timeline.ready[at(waited)].count == 0) {
    return {kNone, group_binds ? PathLink::kGroup : PathLink::kStart};
  }
  const OpId input = binding_input(back, waited);
  const OpId before = input != kNone ? input : back.before_on_lane[at(waited)];
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
