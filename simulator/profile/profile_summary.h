// What a profile shows: how long, how busy, how much of the communication is hidden, which kernels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/profile/profile.h"
#include "simulator/profile/profile_phases.h"

namespace windtunnel {

/// Kernels of one name; where all have one grid, that grid.
struct KernelSummary {
  std::string name;
  std::string grid;
  KernelClass kind;
  std::int64_t count;
  Seconds total;
  Seconds median;
  Seconds least;
  Seconds most;
};

/// A stream of a GPU: `busy` is the union of its kernels.
struct StreamSummary {
  std::string device;
  std::string stream;
  std::int64_t kernels;
  Seconds busy;
  Seconds compute;
  Seconds communication;
};

/// One GPU: lengths of the unions of its kernels by class, and of what both classes cover.
struct DeviceSummary {
  std::string device;
  Seconds span;  ///< from its first kernel's start to its last one's end
  Seconds compute;
  Seconds communication;
  Seconds memory;
  Seconds overlapped;
  Seconds idle;  ///< of the span
};

/// `whole` is the mean over the GPUs; `hidden_fraction` the time in which computation and
/// communication both run, over that of communication, as Holistic Trace Analysis defines it;
/// nothing where nothing is communicated. Streams by device, kernels by total time.
struct ProfileSummary {
  DeviceSummary whole;
  std::optional<double> hidden_fraction;
  Seconds trace_span;  ///< of the host's events too
  std::vector<DeviceSummary> devices;
  std::vector<StreamSummary> streams;
  std::vector<PhaseSummary> phases;
  std::vector<KernelSummary> kernels;
  std::string gpu;
  std::optional<std::int64_t> rank;
  std::optional<std::int64_t> world_size;
  std::int64_t events;
  std::int64_t kernel_events;
  UntimedKernels timeless;
  UntimedKernels open_ended;
};

/// Uses the profile up: its spans are sorted again, by kernel and length.
ProfileSummary summarise(Profile profile);

}  // namespace windtunnel
