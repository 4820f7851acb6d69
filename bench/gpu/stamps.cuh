// The SM clock between two moments, from the GPU's timer and an SM's cycle counter.
#pragma once

#include <cstdint>

namespace windtunnel::bench {

/// Of one SM; zeros where none was taken.
struct Stamp {
  std::uint64_t ns;
  std::uint64_t clocks;
};

/// More SMs than any GPU of today has numbers for.
inline constexpr int kStamps = 512;

/// Every block leaves a stamp at its SM's place in stamps[kStamps].
__global__ inline void take_stamps(Stamp* stamps) {
  std::uint32_t sm = 0;
  Stamp stamp{};
  asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(stamp.ns));
  asm volatile("mov.u64 %0, %%clock64;" : "=l"(stamp.clocks));
  if (threadIdx.x == 0 && sm < kStamps) stamps[sm] = stamp;
}

/// Reads `count` values so that what a memset left dirty in L2 is written back before the kernel.
__global__ inline void read_through(const float4* values, std::int64_t count, float* sink) {
  float sum = 0;
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count;
       i += stride) {
    const float4 value = values[i];
    sum += value.x + value.y + value.z + value.w;
  }
  if (sum == 1.5F) *sink = sum;  // keeps the loads; zeros never sum to this
}

}  // namespace windtunnel::bench
