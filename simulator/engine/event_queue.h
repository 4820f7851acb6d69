// What happens next. A lane has one event to come at most (its op starts, or ends), so the queue is
// a heap with four children a node over lanes that knows where each lane stands: a new speed moves
// the lane's event, nothing stale is left behind and nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/engine/op_graph.h"

namespace windtunnel {

/// Something that happens to a row's op on a lane; earlier ones first, then those of rows added
/// earlier, then those of members that come first.
struct Event {
  Picoseconds time;
  RowId row;
  LaneId lane;

  friend bool operator<(const Event& a, const Event& b) {
    if (a.time != b.time) return a.time < b.time;
    return a.row != b.row ? a.row < b.row : a.lane < b.lane;
  }
};

class EventQueue {
 public:
  explicit EventQueue(std::int32_t lanes);

  bool empty() const { return heap_.empty(); }
  const Event& next() const { return heap_.front(); }

  /// Makes this the event of its lane, in place of the one it had.
  void set(const Event& event);

  /// Takes the next event out; there must be one.
  Event pop();

 private:
  void rise(std::size_t place, const Event& event);
  void sink(std::size_t place, const Event& event);
  void put(std::size_t place, const Event& event);

  std::vector<Event> heap_;
  std::vector<std::int32_t> place_;  // in the heap, by lane; kNone without an event
};

}  // namespace windtunnel
