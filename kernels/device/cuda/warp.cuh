// Vocabulary for nvcc: what the lanes of a warp do together.
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/types.h"

namespace windtunnel::device {

WT_DEVICE int lane_id() { return static_cast<int>(threadIdx.x % 32); }
WT_DEVICE int warp_id() { return static_cast<int>(threadIdx.x / 32); }

WT_DEVICE void syncwarp(u32 mask = 0xffffffffU) { __syncwarp(mask); }

template <typename T>
WT_DEVICE T shuffle(T value, int lane, int width = 32, u32 mask = 0xffffffffU) {
  return __shfl_sync(mask, value, lane, width);
}
template <typename T>
WT_DEVICE T shuffle_xor(T value, int lanes, int width = 32, u32 mask = 0xffffffffU) {
  return __shfl_xor_sync(mask, value, lanes, width);
}
template <typename T>
WT_DEVICE T shuffle_up(T value, int lanes, int width = 32, u32 mask = 0xffffffffU) {
  return __shfl_up_sync(mask, value, static_cast<u32>(lanes), width);
}
template <typename T>
WT_DEVICE T shuffle_down(T value, int lanes, int width = 32, u32 mask = 0xffffffffU) {
  return __shfl_down_sync(mask, value, static_cast<u32>(lanes), width);
}

WT_DEVICE bool any(bool predicate, u32 mask = 0xffffffffU) {
  return __any_sync(mask, predicate) != 0;
}
WT_DEVICE bool all(bool predicate, u32 mask = 0xffffffffU) {
  return __all_sync(mask, predicate) != 0;
}
WT_DEVICE u32 ballot(bool predicate, u32 mask = 0xffffffffU) {
  return __ballot_sync(mask, predicate);
}

#if __CUDA_ARCH__ >= 900
WT_DEVICE bool elect() {
  u32 elected;
  asm volatile("{\n.reg .pred p;\nelect.sync _|p, 0xffffffff;\nselp.b32 %0, 1, 0, p;\n}"
               : "=r"(elected));
  return elected != 0;
}
#else
WT_DEVICE bool elect() { return lane_id() == 0; }
#endif

/// sm_90a.
template <int N>
WT_DEVICE void setmaxnreg_inc() {
  static_assert(N % 8 == 0 && N >= 24 && N <= 256);
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(N));
}
template <int N>
WT_DEVICE void setmaxnreg_dec() {
  static_assert(N % 8 == 0 && N >= 24 && N <= 256);
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(N));
}

}  // namespace windtunnel::device
