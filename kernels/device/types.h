// The numbers kernels compute with: plain old data on both sides, and their conversions.
#pragma once

#include <bit>
#include <cstdint>

#if defined(__CUDACC__)
#define WT_HOST_DEVICE __host__ __device__
#else
#define WT_HOST_DEVICE
#endif

namespace windtunnel::device {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

/// bfloat16: the upper half of an FP32.
struct bf16 {
  u16 bits;
};

/// FP8 with 4 exponent and 3 mantissa bits, no infinity, largest value 448.
struct e4m3 {
  u8 bits;
};

struct alignas(8) u32x2 {
  u32 x, y;
};
struct alignas(16) u32x4 {
  u32 x, y, z, w;
};
struct alignas(8) f32x2 {
  float x, y;
};
struct alignas(16) f32x4 {
  float x, y, z, w;
};

WT_HOST_DEVICE constexpr u32 bits_of(float value) { return __builtin_bit_cast(u32, value); }
WT_HOST_DEVICE constexpr float float_of(u32 bits) { return __builtin_bit_cast(float, bits); }

WT_HOST_DEVICE constexpr float to_float(bf16 value) { return float_of(u32{value.bits} << 16); }

/// Rounds to nearest even; a NaN becomes the canonical one, as cvt.rn.bf16.f32 does.
WT_HOST_DEVICE constexpr bf16 to_bf16(float value) {
  const u32 bits = bits_of(value);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return {0x7fff};
  return {static_cast<u16>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16)};
}

/// The two BF16 of a register: `low` in the lower half.
WT_HOST_DEVICE constexpr u32 pack_bits(bf16 low, bf16 high) {
  return u32{low.bits} | u32{high.bits} << 16;
}
WT_HOST_DEVICE constexpr f32x2 unpack_bf16(u32 pair) {
  return {float_of(pair << 16), float_of(pair & 0xffff0000U)};
}

WT_HOST_DEVICE constexpr float to_float(e4m3 value) {
  const u32 sign = u32{value.bits & 0x80U} << 24;
  const u32 exponent = (value.bits >> 3) & 15U;
  const u32 mantissa = value.bits & 7U;
  if ((value.bits & 0x7fU) == 0x7fU) return float_of(sign | 0x7fc00000U);
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) / 512.0F;
    return sign != 0 ? -magnitude : magnitude;
  }
  return float_of(sign | (exponent + 120U) << 23 | mantissa << 20);
}

/// Rounds to nearest even and saturates at 448 (cvt.rn.satfinite.e4m3); a NaN stays one.
WT_HOST_DEVICE constexpr e4m3 to_e4m3(float value) {
  const u32 bits = bits_of(value);
  const u8 sign = static_cast<u8>((bits >> 24) & 0x80U);
  const u32 magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return {static_cast<u8>(sign | 0x7fU)};
  if (magnitude >= bits_of(448.0F)) return {static_cast<u8>(sign | 0x7eU)};
  if (magnitude < bits_of(0x1p-6F)) {
    // Adding 1.5 * 2^23 leaves the multiple of 2^-9 in the low bits, rounded to nearest even.
    const float rounded = float_of(magnitude) * 512.0F + 0x1.8p23F;
    return {static_cast<u8>(sign | (bits_of(rounded) & 15U))};
  }
  const u32 rounded = magnitude + 0x7ffffU + ((magnitude >> 20) & 1U);
  return {static_cast<u8>(sign | ((rounded >> 20) - (120U << 3)))};
}

/// Four E4M3 in a register, `a` in the lowest byte.
WT_HOST_DEVICE constexpr u32 pack_bits(e4m3 a, e4m3 b, e4m3 c, e4m3 d) {
  return u32{a.bits} | u32{b.bits} << 8 | u32{c.bits} << 16 | u32{d.bits} << 24;
}

}  // namespace windtunnel::device
