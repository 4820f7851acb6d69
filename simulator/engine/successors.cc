#include "simulator/engine/successors.h"

#include <cassert>
#include <cstddef>
#include <limits>

namespace windtunnel {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Leaves in begin[i] the end of row i's part of the list.
void count(const OpGraph& graph, Successors& successors) {
  std::vector<std::int32_t>& begin = successors.begin;
  std::vector<RowId> last(at(graph.lanes), kNone);
  for (const RowId input : graph.inputs) ++begin[at(input)];
  std::int32_t inputs_begin = 0;
  for (std::size_t i = 0; i < graph.rows.size(); ++i) {
    const Row& row = graph.rows[i];
    successors.waits[i] = row.inputs_end - inputs_begin;
    inputs_begin = row.inputs_end;
    RowId& previous = last[at(row.lane)];
    if (previous != kNone) {
      ++begin[at(previous)];
      ++successors.waits[i];
    }
    previous = static_cast<RowId>(i);
  }
  for (const LateInput& late : graph.late_inputs) {
    ++begin[at(late.input)];
    ++successors.waits[at(late.row)];
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
  const auto add = [&](RowId input, RowId row) {
    successors.rows[at(--successors.begin[at(input)])] = row;
  };
  for (const LateInput& late : graph.late_inputs) add(late.input, late.row);
  std::vector<RowId> next(at(graph.lanes), kNone);
  std::size_t input = graph.inputs.size();
  for (std::size_t i = graph.rows.size(); i-- > 0;) {
    const RowId row = static_cast<RowId>(i);
    RowId& following = next[at(graph.rows[i].lane)];
    if (following != kNone) add(row, following);
    following = row;
    const std::size_t inputs_begin = i == 0 ? 0 : at(graph.rows[i - 1].inputs_end);
    while (input > inputs_begin) add(graph.inputs[--input], row);
  }
}

}  // namespace

Successors successors(const OpGraph& graph) {
  Successors result;
  result.begin.assign(graph.rows.size() + 1, 0);
  result.waits.assign(graph.rows.size(), 0);
  count(graph, result);
  result.rows.resize(at(result.begin.back()));
  fill(graph, result);
  return result;
}

}  // namespace windtunnel
