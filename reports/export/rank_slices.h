// The timeline of a rank as slices, lane by lane: what Perfetto, Kineto and Chakra files are made
// of.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "reports/export/slice.h"
#include "simulator/study/traced_step.h"

namespace windtunnel {

/// Stretches that overlap [from, to) are exported, whole; picoseconds.
struct TraceWindow {
  std::int64_t from;
  std::int64_t to;
};

using SliceVisitor = std::function<void(const Slice& slice)>;

/// Calls `visit` for each slice of the rank: lane after lane, in order of time, a slice before
/// those inside it.
void visit_slices(const TracedStep& traced, const TraceRank& rank, TraceLevel level,
                  const TraceWindow& window, const SliceVisitor& visit);

/// The lanes that the step's ranks have, in their order.
std::vector<TraceLane> lanes_of(const TracedStep& traced);

/// What a send waits for on its other end: the op of another rank that begins with what arrived.
struct Arrival {
  OpId send;
  OpId receiver;
};

/// All arrivals of the step, by receiver.
std::vector<Arrival> arrivals(const TracedStep& traced);

}  // namespace windtunnel
