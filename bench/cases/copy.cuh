// A plain copy, 16 bytes a load and four loads in flight: what memory-bound kernels are judged by.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

inline constexpr int kCopyThreads = 256;
inline constexpr int kCopyUnroll = 4;

/// `vectors` of 16 bytes.
__global__ inline void __launch_bounds__(kCopyThreads) copy(const u32x4* x, u32x4* y, i64 vectors) {
  const i64 threads = i64{gridDim.x} * kCopyThreads;
  const i64 thread = i64{blockIdx.x} * kCopyThreads + threadIdx.x;
  for (i64 first = thread; first < vectors; first += threads * kCopyUnroll) {
    u32x4 held[kCopyUnroll] = {};
#pragma unroll
    for (int i = 0; i < kCopyUnroll; ++i) {
      const i64 at = first + i * threads;
      if (at < vectors) held[i] = ld_global_stream<u32x4>(x + at);
    }
#pragma unroll
    for (int i = 0; i < kCopyUnroll; ++i) {
      const i64 at = first + i * threads;
      if (at < vectors) st_global_stream(y + at, held[i]);
    }
  }
}

inline LaunchReport launch_copy(Gpu& gpu, const u32x4* x, u32x4* y, i64 vectors, int sms) {
  const LaunchShape shape{.kernel = "copy",
                          .grid = {flat_grid((vectors + kCopyUnroll - 1) / kCopyUnroll,
                                             kCopyThreads, kCopyThreads, sms)},
                          .block = {kCopyThreads}};
  return launch(gpu, &copy, shape, x, y, vectors);
}

}  // namespace windtunnel::device
