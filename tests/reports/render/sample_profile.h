// A small imported profile that the renderers' tests share.
#pragma once

#include "simulator/profile/profile_summary.h"

namespace windtunnel {

inline ProfileSummary sample_profile() {
  const DeviceSummary device{.device = "0",
                             .span = {10e-3},
                             .compute = {7e-3},
                             .communication = {6e-3},
                             .memory = {1e-3},
                             .overlapped = {3e-3},
                             .idle = {0.5e-3}};
  return {
      .whole = device,
      .hidden_fraction = 0.5,
      .trace_span = {11e-3},
      .devices = {device},
      .streams = {{"0", "7", 12, {7e-3}, {7e-3}, {0}}},
      .phases = {{"attn(F)", true, 4, {2e-3}, 8, {1.5e-3}}},
      .kernels =
          {{"gemm\x1b[2J", "128x1x1", KernelClass::kCompute, 12, {7e-3}, {0.5e-3}, {1e-4}, {1e-3}}},
      .gpu = "NVIDIA H800",
      .rank = 3,
      .world_size = 64,
      .events = 40,
      .kernel_events = 12,
      .timeless = {2, 777},
      .open_ended = {}};
}

}  // namespace windtunnel
