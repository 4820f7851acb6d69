// Vocabulary for nvcc: arithmetic.
#pragma once

#include "kernels/device/types.h"

#define WT_DEVICE __device__ __forceinline__

namespace windtunnel::device {

WT_DEVICE float exp2_approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
WT_DEVICE float log2_approx(float x) {
  float y;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
WT_DEVICE float rsqrt_approx(float x) {
  float y;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
WT_DEVICE float reciprocal_approx(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
WT_DEVICE float maximum(float a, float b) { return fmaxf(a, b); }
WT_DEVICE float minimum(float a, float b) { return fminf(a, b); }
WT_DEVICE float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }

WT_DEVICE u32 pack_bf16(float low, float high) {
  u32 pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
WT_DEVICE u32 pack_e4m3(float a, float b, float c, float d) {
#if __CUDA_ARCH__ >= 890
  u16 low;
  u16 high;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(low) : "f"(b), "f"(a));
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(high) : "f"(d), "f"(c));
  return u32{low} | u32{high} << 16;
#else
  return pack_bits(to_e4m3(a), to_e4m3(b), to_e4m3(c), to_e4m3(d));
#endif
}

}  // namespace windtunnel::device
