// Rows on their way: one warp copies a row to as many places as it goes to, or sums rows.
#pragma once

#include "kernels/all_to_all/peers.cuh"

namespace windtunnel::device {

__device__ __forceinline__ int lowest_bit(u32 bits) {
  return 31 - __builtin_clz(bits & (~bits + 1));
}

/// A weak load, through the read-only path where nobody writes the memory during the launch.
template <bool kReadOnly, typename T>
__device__ __forceinline__ T load(const void* from) {
  if constexpr (kReadOnly) {
    return ld_global_stream<T>(from);
  } else {
    return ld_global<T>(from);
  }
}

__device__ __forceinline__ u8* shuffle_pointer(u8* pointer, int lane) {
  return reinterpret_cast<u8*>(shuffle(reinterpret_cast<u64>(pointer), lane));
}

/// `vectors` of 16 bytes to what the lanes in `going` hold in `to`; read once, four in flight.
template <bool kReadOnly>
__device__ __forceinline__ void send_vectors(const u8* from, int vectors, u32 going, u8* to) {
  constexpr int kUnroll = 4;
  for (int first = 0; first < vectors; first += kWarpLanes * kUnroll) {
    u32x4 held[kUnroll] = {};
#pragma unroll
    for (int i = 0; i < kUnroll; ++i) {
      const int at = first + i * kWarpLanes + lane_id();
      if (at < vectors) held[i] = load<kReadOnly, u32x4>(from + i64{at} * 16);
    }
    for (u32 rest = going; rest != 0; rest &= rest - 1) {
      u8* row = shuffle_pointer(to, lowest_bit(rest));
#pragma unroll
      for (int i = 0; i < kUnroll; ++i) {
        const int at = first + i * kWarpLanes + lane_id();
        if (at < vectors) st_global(row + i64{at} * 16, held[i]);
      }
    }
  }
}

/// A row as its sender has it.
struct RowSource {
  const u8* x;
  const float* scales;
  const i32* experts;
  const float* weights;
  i32 token;
};

/// Where a lane's copy of a row goes, and the experts that it is for: they are renumbered from 0.
struct RowTarget {
  u8* slab;
  i64 row;
  Experts experts;
};

/// The row to every target that a lane in `going` holds.
template <bool kReadOnly>
__device__ __forceinline__ void send_row(const World& w, const RowArrays& at,
                                         const RowSource& source, u32 going,
                                         const RowTarget& target) {
  send_vectors<kReadOnly>(source.x, w.row_bytes / 16, going,
                          target.slab + at.x + target.row * w.row_bytes);
  for (u32 rest = going; rest != 0; rest &= rest - 1) {
    const int lane = lowest_bit(rest);
    u8* slab = shuffle_pointer(target.slab, lane);
    const i64 row = static_cast<i64>(shuffle(static_cast<u64>(target.row), lane));
    const Experts experts{shuffle(target.experts.first, lane), shuffle(target.experts.count, lane)};
    for (int i = lane_id(); i < w.scales; i += kWarpLanes) {
      st_global(reinterpret_cast<float*>(slab + at.scales) + row * w.scales + i,
                load<kReadOnly, float>(source.scales + i));
    }
    if (lane_id() < w.top_k) {
      const i32 expert = load<kReadOnly, i32>(source.experts + lane_id());
      const i64 pair = row * w.top_k + lane_id();
      st_global(reinterpret_cast<i32*>(slab + at.experts) + pair,
                experts.hold(expert) ? expert - experts.first : -1);
      st_global(reinterpret_cast<float*>(slab + at.weights) + pair,
                load<kReadOnly, float>(source.weights + lane_id()));
    }
    if (lane_id() == 0) st_global(reinterpret_cast<i32*>(slab + at.tokens) + row, source.token);
  }
}

/// to[columns] = sum over the lanes in `going`, in their order, of weight * rows[row], in FP32; the
/// four rows in flight make that many loads a lane.
__device__ __forceinline__ void sum_rows(const u8* rows, u32 going, int row, float weight,
                                         int columns, u8* to) {
  constexpr int kRows = 4;
  const int vectors = columns / kVector;
  for (int first = 0; first < vectors; first += kWarpLanes) {
    const int at = first + lane_id();
    float sum[kVector] = {};
    for (u32 rest = going; rest != 0;) {
      u32x4 held[kRows] = {};
      float factor[kRows] = {};
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
        if (rest == 0) continue;
        const int lane = lowest_bit(rest);
        rest &= rest - 1;
        const i64 from = i64{shuffle(row, lane)} * vectors;
        factor[i] = shuffle(weight, lane);
        if (at < vectors) held[i] = ld_global<u32x4>(rows + (from + at) * 16);
      }
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
        float v[kVector];
        unpack(held[i], v);
#pragma unroll
        for (int j = 0; j < kVector; ++j) sum[j] += factor[i] * v[j];
      }
    }
    if (at < vectors) st_global(to + i64{at} * 16, pack(sum));
  }
}

}  // namespace windtunnel::device
