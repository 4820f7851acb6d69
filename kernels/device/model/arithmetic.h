// Vocabulary, model side: arithmetic that CUDA has instructions for.
#pragma once

#include <cmath>

#include "kernels/device/types.h"

namespace windtunnel::device {

/// 2^x; about 2 units in the last place on the device, as the other approximations.
inline float exp2_approx(float x) { return std::exp2(x); }
inline float log2_approx(float x) { return std::log2(x); }
inline float rsqrt_approx(float x) { return 1.0F / std::sqrt(x); }
inline float reciprocal_approx(float x) { return 1.0F / x; }
inline float maximum(float a, float b) { return std::fmax(a, b); }
inline float minimum(float a, float b) { return std::fmin(a, b); }
inline float multiply_add(float a, float b, float c) { return std::fma(a, b, c); }

/// Two floats as BF16 in one register, `low` in the lower half; round to nearest even.
inline u32 pack_bf16(float low, float high) { return pack_bits(to_bf16(low), to_bf16(high)); }
/// Four floats as E4M3 in one register, `a` in the lowest byte; saturating.
inline u32 pack_e4m3(float a, float b, float c, float d) {
  return pack_bits(to_e4m3(a), to_e4m3(b), to_e4m3(c), to_e4m3(d));
}

}  // namespace windtunnel::device
