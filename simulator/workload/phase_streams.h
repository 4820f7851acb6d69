// The streams of a pipeline rank in a walk over its phases: when each member has come how far.
#pragma once

#include <algorithm>
#include <cstddef>

#include "simulator/workload/member_loads.h"

namespace windtunnel {

/// When each member is done, in picoseconds. Floating point holds them to a picosecond for hours.
using Clock = OfMembers;

inline constexpr Clock kStart{};

/// Of a micro-batch that has not come there yet.
inline constexpr double kUnknown = -1;

inline void wait(Clock& clock, const Clock& other) {
  for (std::size_t i = 0; i < kMostMembers; ++i) clock[i] = std::max(clock[i], other[i]);
}

inline void pass(Clock& clock, double time) {
  for (double& at : clock) at += time;
}

/// All members wait for the last one.
inline void meet(Clock& clock) { clock.fill(*std::max_element(clock.begin(), clock.end())); }

inline double picoseconds(Picoseconds time) { return static_cast<double>(time.count); }

/// What each member draws of a resource that its ops share, capacity x time, by ops that begin no
/// earlier than `from`, when the rank's first input is there.
struct SharedWork {
  double from = kUnknown;
  Clock drawn{};

  void draw(std::size_t member, double start, double time, double demand) {
    if (start >= from) drawn[member] += time * demand;
  }

  /// No member is done with it earlier.
  double end(double capacity) const {
    return from + *std::max_element(drawn.begin(), drawn.end()) / capacity;
  }
};

/// The streams of a pipeline rank. `block`: where computing was when a block began, which is what
/// the gathering of the next one's parameters waits for.
struct Streams {
  Clock compute{};
  Clock communication{};
  Clock send{};
  Clock gather{};
  Clock scatter{};
  Clock block{};
  SharedWork nic;
  SharedWork sms;
};

}  // namespace windtunnel
