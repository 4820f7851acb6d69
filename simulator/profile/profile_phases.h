// Phases of a profile: what its annotations name.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/profile/profile.h"

namespace windtunnel {

/// Annotations of one name, on a GPU's streams or on the host: how often, and how long together.
/// `kernels` ran inside them, on the same stream (an inner annotation keeps its own), for
/// `kernel_time` in sum.
struct PhaseSummary {
  std::string name;
  bool on_gpu;
  std::int64_t count;
  Seconds total;
  std::int64_t kernels;
  Seconds kernel_time;
};

/// By total time; the spans must be in order.
std::vector<PhaseSummary> phases_of(const Profile& profile);

/// A kernel and the annotations around it on its stream, from the outermost inwards.
struct PlacedSpan {
  const Track* track;
  const Span* kernel;
  std::vector<const Span*> around;
};

/// Calls `visit` for every kernel, stream after stream in order of time.
void visit_kernels(const Profile& profile, const std::function<void(const PlacedSpan&)>& visit);

}  // namespace windtunnel
