// Round-numbered GPUs for the tests of step prices.
#pragma once

#include "simulator/hardware/gpu.h"

namespace windtunnel {

/// 100 SMs, 0.5 and 1 PFLOPS, 1 TB/s.
inline Gpu traced_gpu() {
  return {.id = "traced",
          .name = "Traced",
          .source = "test",
          .status = "test",
          .sms = 100,
          .bf16_peak = FlopsPerSecond{0.5e15},
          .fp8_peak = FlopsPerSecond{1e15},
          .fp32_peak = FlopsPerSecond{1e14},
          .memory = Bytes{80e9},
          .memory_rate = BytesPerSecond{1e12},
          .l2 = Bytes{50e6},
          .nvlink = BytesPerSecond{2e11},
          .siblings = {}};
}

/// The same chip with other memory.
inline Gpu sibling_gpu(double memory_rate) {
  Gpu gpu = traced_gpu();
  gpu.id = "sibling";
  gpu.memory_rate = BytesPerSecond{memory_rate};
  return gpu;
}

/// 50 SMs, 0.25 PFLOPS of BF16 only, 0.5 TB/s.
inline Gpu older_gpu() {
  Gpu gpu = traced_gpu();
  gpu.id = "older";
  gpu.sms = 50;
  gpu.bf16_peak = FlopsPerSecond{0.25e15};
  gpu.fp8_peak.reset();
  gpu.memory_rate = BytesPerSecond{0.5e12};
  return gpu;
}

}  // namespace windtunnel
