#include "simulator/engine/successors.h"

#include <cassert>
#include <cstddef>
#include <limits>

namespace windtunnel {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Leaves in begin[i] the end of op i's part of the list.
void count(const OpGraph& graph, std::vector<std::int32_t>& begin,
           std::vector<Picoseconds>& waits) {
  std::vector<OpId> last(at(graph.lanes), kNone);
  for (const OpId input : graph.inputs) ++begin[at(input)];
  std::int32_t inputs_begin = 0;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    waits[i] = {op.inputs_end - inputs_begin};
    inputs_begin = op.inputs_end;
    OpId& previous = last[at(op.lane)];
    if (previous != kNone) {
      ++begin[at(previous)];
      ++waits[i].count;
    }
    previous = static_cast<OpId>(i);
  }
  for (const LateInput& late : graph.late_inputs) {
    ++begin[at(late.input)];
    ++waits[at(late.op)].count;
  }
  std::int64_t end = 0;
  for (std::int32_t& mark : begin) {
    end += mark;
    assert(end <= std::numeric_limits<std::int32_t>::max());
    mark = static_cast<std::int32_t>(end);
  }
}

// Writes every list from its end, so that begin[i] arrives where the list begins.
void fill(const OpGraph& graph, Successors& successors) {
  const auto add = [&](OpId input, OpId op) {
    successors.ops[at(--successors.begin[at(input)])] = op;
  };
  for (const LateInput& late : graph.late_inputs) add(late.input, late.op);
  std::vector<OpId> next(at(graph.lanes), kNone);
  std::size_t input = graph.inputs.size();
  for (std::size_t i = graph.ops.size(); i-- > 0;) {
    const OpId op = static_cast<OpId>(i);
    OpId& following = next[at(graph.ops[i].lane)];
    if (following != kNone) add(op, following);
    following = op;
    const std::size_t inputs_begin = i == 0 ? 0 : at(graph.ops[i - 1].inputs_end);
    while (input > inputs_begin) add(graph.inputs[--input], op);
  }
}

}  // namespace

Successors successors(const OpGraph& graph, std::vector<Picoseconds>& waits) {
  Successors result;
  result.begin.assign(graph.ops.size() + 1, 0);
  waits.resize(graph.ops.size());
  count(graph, result.begin, waits);
  result.ops.resize(at(result.begin.back()));
  fill(graph, result);
  return result;
}

}  // namespace windtunnel
