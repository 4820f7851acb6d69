// The host's side of a kernel: memory, launches and what they report, on a GPU or on the model.
#pragma once

#include "kernels/device/types.h"

namespace windtunnel::device {

struct Dimensions {
  u32 x = 1;
  u32 y = 1;
  u32 z = 1;
};

/// How a kernel is launched.
struct LaunchShape {
  /// For reports.
  const char* kernel = "kernel";
  Dimensions grid = {};
  Dimensions block = {};
  u32 shared_bytes = 0;
  /// CTAs wait for each other, so all must be resident at once (a cooperative launch).
  bool cooperative = false;
  /// Virtual ranks that share the grid evenly, rank by rank: between them scopes must be kSys.
  /// Read by the model only.
  u32 ranks = 1;
  /// Launched behind the kernel before it without waiting (programmatic dependent launch): global
  /// memory is off limits until grid_dependency_wait().
  bool dependent = false;
};

}  // namespace windtunnel::device

#if defined(__CUDACC__)
#include "kernels/device/cuda/launch.cuh"
#else
#include "kernels/device/model/launch.h"
#endif
