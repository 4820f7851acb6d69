#include "simulator/engine/deadlock.h"

#include <algorithm>
#include <cstddef>

namespace windtunnel {
namespace {

constexpr std::size_t kLongestChain = 8;

struct Reason {
  OpId op;  // that has to end (or be ready) first; kNone if there is none
  std::string text;
};

std::string name(const OpGraph& graph, OpId op) {
  return "op " + std::to_string(op) + " (lane " + std::to_string(op_at(graph, op).lane) + ")";
}

class Finder {
 public:
  Finder(const OpGraph& graph, const Timeline& timeline) : graph_(graph), timeline_(timeline) {}

  bool ended(OpId op) const { return timeline_.end[static_cast<std::size_t>(op)] != kNever; }

  // Why an op that never ended is not ready; without text if it is.
  Reason not_ready(OpId op) const {
    const RowId row = row_of(graph_, op);
    const auto of_same_member = [&](RowId other) {
      return op_id(graph_, other, member_of(graph_, op));
    };
    for (RowId other = row; other-- > 0;) {
      if (row_at(graph_, other).lane != row_at(graph_, row).lane) continue;
      const OpId before = of_same_member(other);
      if (!ended(before)) return {before, name(graph_, before) + ", before it on its lane"};
      break;
    }
    for (const RowId other : inputs_of(graph_, row)) {
      const OpId input = of_same_member(other);
      if (!ended(input)) return {input, "its input " + name(graph_, input)};
    }
    for (const LateInput& late : graph_.late_inputs) {
      const OpId input = of_same_member(late.input);
      if (late.row == row && !ended(input)) return {input, "its input " + name(graph_, input)};
    }
    return {kNone, ""};
  }

  // Why an op that never ended is held up.
  Reason reason(OpId op) const {
    const Reason own = not_ready(op);
    if (own.op != kNone) return own;
    const GroupId id = op_at(graph_, op).group;
    const Group& group = graph_.groups[static_cast<std::size_t>(id)];
    const std::string text = "group " + std::to_string(id);
    if (group.added < group.members) {
      return {kNone, text + ", which has " + std::to_string(group.added) + " of its " +
                         std::to_string(group.members) + " members"};
    }
    for (std::size_t i = 0; i < op_count(graph_); ++i) {
      const OpId member = static_cast<OpId>(i);
      if (op_at(graph_, member).group == id && not_ready(member).op != kNone) {
        return {member, text + " and its member " + name(graph_, member)};
      }
    }
    return {kNone, text};
  }

 private:
  const OpGraph& graph_;
  const Timeline& timeline_;
};

}  // namespace

std::string deadlock_message(const OpGraph& graph, const Timeline& timeline) {
  const auto blocked = std::count(timeline.end.begin(), timeline.end.end(), kNever);
  const auto first = std::find(timeline.end.begin(), timeline.end.end(), kNever);
  std::string message = "deadlock: " + std::to_string(blocked) + " of " +
                        std::to_string(op_count(graph)) + " ops never start";
  const Finder finder(graph, timeline);
  std::vector<OpId> chain;
  OpId op = static_cast<OpId>(first - timeline.end.begin());
  while (op != kNone && chain.size() < kLongestChain &&
         std::find(chain.begin(), chain.end(), op) == chain.end()) {
    const Reason reason = finder.reason(op);
    message += "; " + name(graph, op) + " waits for " + reason.text;
    chain.push_back(op);
    op = reason.op;
  }
  return message;
}

}  // namespace windtunnel
