// What row-wise kernels share: eight BF16 in a 16-byte register quadruple, sums over lanes and
// rows, scales of quantised blocks, and how many blocks a kernel without rows is launched with.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/device/vocabulary.h"

namespace windtunnel::device {

using i32 = std::int32_t;
using i64 = std::int64_t;

/// Elements of one 16-byte load of BF16, and bytes of it.
inline constexpr int kVector = 8;
inline constexpr int kWarpLanes = 32;
/// Columns that share a scale, and the lanes that hold them.
inline constexpr int kScaleBlock = 128;
inline constexpr int kScaleLanes = kScaleBlock / kVector;

/// What a kernel writes: BF16, or e4m3 with an FP32 scale for each 1 x 128 (reference::ScaleKind).
enum class Output { kBf16, kExactScale, kPowerOfTwoScale };

__device__ __forceinline__ void unpack(const u32x4& bits, float (&values)[kVector]) {
  const u32 words[4] = {bits.x, bits.y, bits.z, bits.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const f32x2 pair = unpack_bf16(words[i]);
    values[2 * i] = pair.x;
    values[2 * i + 1] = pair.y;
  }
}

__device__ __forceinline__ u32x4 pack(const float (&values)[kVector]) {
  return {pack_bf16(values[0], values[1]), pack_bf16(values[2], values[3]),
          pack_bf16(values[4], values[5]), pack_bf16(values[6], values[7])};
}

__device__ __forceinline__ int count_bits(u32 bits) {
  bits -= bits >> 1 & 0x55555555U;
  bits = (bits & 0x33333333U) + (bits >> 2 & 0x33333333U);
  bits = (bits + (bits >> 4)) & 0x0f0f0f0fU;
  return static_cast<int>(bits * 0x01010101U >> 24);
}

/// Sum over `kLanes` neighbouring lanes, in every one of them.
template <int kLanes>
__device__ __forceinline__ float lanes_sum(float value) {
#pragma unroll
  for (int step = kLanes / 2; step > 0; step /= 2) value += shuffle_xor(value, step);
  return value;
}

template <int kLanes>
__device__ __forceinline__ float lanes_max(float value) {
#pragma unroll
  for (int step = kLanes / 2; step > 0; step /= 2) value = maximum(value, shuffle_xor(value, step));
  return value;
}

__device__ __forceinline__ float largest_of(const float (&values)[kVector]) {
  float largest = 0;
#pragma unroll
  for (int i = 0; i < kVector; ++i) largest = maximum(largest, maximum(values[i], -values[i]));
  return largest;
}

struct Scale {
  float scale;
  float inverse;
};

/// The scale of a block by its largest |value|: amax / 448, or the power of two at or above that,
/// whose inverse is exact. Both stay normal numbers whatever amax.
template <Output kOutput>
__device__ __forceinline__ Scale scale_of(float amax) {
  constexpr float kSmallestAmax = 448 * 0x1p-126F;
  const float exact = maximum(amax, kSmallestAmax) / 448.0F;
  if constexpr (kOutput == Output::kExactScale) {
    return {exact, 1.0F / exact};
  } else {
    // A mantissa that isn't zero carries into the exponent.
    const u32 power = (bits_of(exact) + 0x7fffffU) & 0x7f800000U;
    return {float_of(power), float_of((254U << 23) - power)};
  }
}

/// Quantises the 128 columns of which each of 16 neighbouring lanes holds eight; lanes beyond the
/// row hold zeros and store nothing.
template <Output kOutput>
__device__ __forceinline__ void store_quantized(const float (&values)[kVector], bool inside,
                                                e4m3* codes, float* scale) {
  const Scale block = scale_of<kOutput>(lanes_max<kScaleLanes>(largest_of(values)));
  if (!inside) return;
  float v[kVector];
#pragma unroll
  for (int i = 0; i < kVector; ++i) v[i] = values[i] * block.inverse;
  st_global(codes, u32x2{pack_e4m3(v[0], v[1], v[2], v[3]), pack_e4m3(v[4], v[5], v[6], v[7])});
  if (lane_id() % kScaleLanes == 0) st_global(scale, block.scale);
}

/// The threads of a block that share a row: `threads` of them, a multiple of 32.
struct RowGroup {
  int threads;
  int thread;
  int row;  ///< among the block's rows
};

__device__ __forceinline__ RowGroup row_group(int threads) {
  const int thread = static_cast<int>(threadIdx.x);
  return {threads, thread % threads, thread / threads};
}

/// Shared memory that row_sums<kCount> needs: two buffers of a value for each warp of the block.
template <int kCount>
constexpr u32 row_sums_bytes() {
  return 2 * kCount * 32 * 4;
}

/// Sums over the threads of each row. All threads of the block call it together; calls alternate
/// between two buffers by `pass`, so that one barrier a call is enough: who writes a buffer again
/// has passed the barrier of the other, before which all had read this one.
template <int kCount>
__device__ __forceinline__ void row_sums(float (&values)[kCount], const RowGroup& group, int pass) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) values[i] = lanes_sum<kWarpLanes>(values[i]);
  const int warps = group.threads / kWarpLanes;
  if (warps == 1) return;
  const u32 buffer = shared_base() + static_cast<u32>(pass % 2 * kCount * 32 * 4);
  if (lane_id() == 0) {
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      st_shared(buffer + static_cast<u32>(i * 32 + warp_id()) * 4, values[i]);
    }
  }
  syncthreads();
  const int first = group.row * warps;
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    const u32 at = buffer + static_cast<u32>(i * 32 + first + lane_id()) * 4;
    values[i] = lanes_sum<kWarpLanes>(lane_id() < warps ? ld_shared<float>(at) : 0.0F);
  }
}

/// Blocks of `threads` that walk `items`, `items_a_block` at a time: all at once if they fit the
/// GPU's `sms` at 2048 threads each, else as many as do.
inline u32 flat_grid(i64 items, i64 items_a_block, int threads, int sms) {
  const i64 blocks = (items + items_a_block - 1) / items_a_block;
  return static_cast<u32>(std::min(blocks, i64{2048 / threads} * sms));
}

}  // namespace windtunnel::device
