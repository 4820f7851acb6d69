// What a step's time was spent on: its critical path, second by second, by kernel class, link and
// wait.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "simulator/engine/timeline.h"
#include "simulator/workload/step_pricing.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {

/// What seconds of the path are due to: prices, or beside them gaps between kernels; launches by
/// the host; routing, speeds and jitter that are not even, beyond what even ones take; ops slowed
/// by others on their NIC.
enum class Waste { kPrices, kLaunchGaps, kHost, kUneven, kSharing };

/// One cause: a class of prices, or a waste, and its part of the path.
struct Cause {
  std::string name;
  ErrorClass priced;
  Waste waste;
  Picoseconds time;
};

struct NamedTime {
  std::string name;
  Picoseconds time;
};

/// Four ways to divide the same path. Each adds up to `total`, the step's time, to the picosecond;
/// `classes` have the longest first. `links`: what the op of the moment used; `bindings`: what it
/// had waited for.
struct StepCauses {
  Picoseconds total;
  std::size_t ops;
  std::vector<Cause> classes;
  std::vector<NamedTime> phases;
  std::vector<NamedTime> links;
  std::vector<NamedTime> bindings;
};

/// `priced` and `launch_gap` are what `plan` was made of, `step` and `timeline` what it became.
StepCauses step_causes(const PricedStep& priced, Seconds launch_gap, const StepPlan& plan,
                       const TrainingStep& step, const Timeline& timeline);

inline constexpr const char* kNoLink = "no link";
inline constexpr const char* kScaleOut = "scale-out links";
inline constexpr const char* kScaleUp = "links of a node";

}  // namespace windtunnel
