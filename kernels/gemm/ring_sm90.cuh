// What the kernels of sm_90a share: shared memory as a ring of stages that TMA fills and two
// warpgroups empty, and how their results leave.
#pragma once

#include "kernels/device/vocabulary.h"
#include "kernels/gemm/plan.h"
#include "kernels/gemm/walk.cuh"

namespace windtunnel::device {

inline constexpr int kWarpgroup = 128;
/// A stage has 128 bytes of k of each row, wgmma's widest swizzle.
inline constexpr u32 kStageRow = 128;
/// Rows of one wgmma.
inline constexpr int kBlockRows = 64;

/// Shared memory as sm90_shared_bytes() counts it: slices of the output, stages, scales, barriers.
template <int kTileM, int kTileN, int kScales>
struct SharedSm90 {
  static constexpr u32 kOperands = (kTileM + kTileN) * kStageRow;
  u32 base;
  int stages;

  __device__ explicit SharedSm90(int count)
      : base{(shared_base() + kSwizzleAlignment - 1) & ~(u32{kSwizzleAlignment} - 1)},
        stages{count} {}
  __device__ u32 out(int block) const { return base + static_cast<u32>(block) * 64 * kSliceBytes; }
  __device__ u32 a(int stage) const {
    return base + kTileM * kSliceBytes + static_cast<u32>(stage) * kOperands;
  }
  __device__ u32 b(int stage) const { return a(stage) + kTileM * kStageRow; }
  __device__ u32 scales(int stage) const {
    return a(stages) + static_cast<u32>(stage) * kScales * 4;
  }
  __device__ u32 full(int stage) const { return scales(stages) + 16 * static_cast<u32>(stage); }
  __device__ u32 empty(int stage) const { return full(stage) + 8; }

  /// By one thread, before anyone else uses a barrier.
  __device__ void init(u32 producers, u32 consumers) const {
    for (int stage = 0; stage < stages; ++stage) {
      mbarrier_init(full(stage), producers);
      mbarrier_init(empty(stage), consumers);
    }
    fence_mbarrier_init();
  }
};

/// Where a thread stands in the ring.
struct RingPlace {
  int stage = 0;
  u32 parity = 0;

  __device__ void advance(int stages) {
    if (++stage < stages) return;
    stage = 0;
    parity ^= 1;
  }
};

/// Columns that leave at a time: up to 128 bytes a row, a divisor of the tile's width, so that a
/// box of TMA never reaches into the next tile.
template <typename Out>
WT_HOST_DEVICE constexpr int slice_columns(int tile_n) {
  const int widest = kSliceBytes / static_cast<int>(sizeof(Out));
  for (int columns = widest; columns > 16; columns /= 2) {
    if (tile_n % columns == 0) return columns;
  }
  return 16;
}
WT_HOST_DEVICE constexpr Swizzle slice_swizzle(int bytes) {
  return bytes == 128 ? Swizzle::k128 : bytes == 64 ? Swizzle::k64 : Swizzle::k32;
}

/// What a warpgroup writes of its 64 rows of a tile.
struct SliceSm90 {
  u32 buffer;
  int row;  ///< of the tile
  int barrier;
};

/// Columns `first` to `first + columns` of the accumulator to the slice's buffer, swizzled.
template <int kTileN, typename Out>
__device__ void stage_slice(const float (&sums)[kTileN / 2], u32 buffer, int first) {
  constexpr int kColumns = slice_columns<Out>(kTileN);
  constexpr u32 kWidth = kColumns * sizeof(Out);
  constexpr Swizzle kSwizzle = slice_swizzle(kWidth);
  const u32 lane = static_cast<u32>(lane_id());
  const u32 row = static_cast<u32>(warp_id() % 4) * 16;
#pragma unroll
  for (int j = 0; j < kColumns; j += 16) {
    const int i = (first + j) / 2;
    if constexpr (sizeof(Out) == 2) {
      const u32 registers[4] = {
          pack_bf16(sums[i], sums[i + 1]), pack_bf16(sums[i + 2], sums[i + 3]),
          pack_bf16(sums[i + 4], sums[i + 5]), pack_bf16(sums[i + 6], sums[i + 7])};
      const u32 at = (row + lane % 16) * kWidth + static_cast<u32>(j) * 2 + lane / 16 * 16;
      stmatrix(swizzled(buffer + at, kSwizzle), registers);
    } else {
#pragma unroll
      for (int pair = 0; pair < 4; ++pair) {
        const u32 at = (row + lane / 4 + static_cast<u32>(pair % 2) * 8) * kWidth +
                       (static_cast<u32>(j + pair / 2 * 8) + lane % 4 * 2) * 4;
        st_shared(swizzled(buffer + at, kSwizzle),
                  f32x2{sums[i + 2 * pair], sums[i + 2 * pair + 1]});
      }
    }
  }
}

/// A staged slice to the rows that exist, for tiles that TMA would write more of than it may.
template <int kTileN, typename Out>
__device__ void copy_slice(u32 buffer, const GemmArguments& a, const GemmTile& tile, int row,
                           int first) {
  constexpr int kColumns = slice_columns<Out>(kTileN);
  constexpr u32 kWidth = kColumns * sizeof(Out);
  constexpr int kChunks = kWidth / 16;
  constexpr int kElements = 16 / static_cast<int>(sizeof(Out));
  const int thread = static_cast<int>(threadIdx.x) % kWarpgroup;
#pragma unroll
  for (int piece = thread; piece < kBlockRows * kChunks; piece += kWarpgroup) {
    const int inside = row + piece / kChunks;
    const int column = tile.column + first + piece % kChunks * kElements;
    const u32 at =
        static_cast<u32>(piece / kChunks) * kWidth + static_cast<u32>(piece % kChunks) * 16;
    if (inside >= tile.rows || column >= a.n) continue;
    const std::int64_t line = std::int64_t{tile.c_group} * a.m + tile.row + inside;
    st_global(static_cast<Out*>(a.c) + line * a.n + column,
              ld_shared<u32x4>(swizzled(buffer + at, slice_swizzle(kWidth))));
  }
}

/// 64 rows of a tile through shared memory to c, or added to it, by one warpgroup.
template <int kTileN, typename Out, bool kAdd>
__device__ void store_block(const float (&sums)[kTileN / 2], const SliceSm90& slice,
                            const TensorMap& c, const GemmArguments& a, const GemmTile& tile) {
  const bool leads = threadIdx.x % kWarpgroup == 0;
  const bool by_tma = a.kind != GemmKind::kMasked || slice.row + kBlockRows <= tile.rows;
#pragma unroll
  for (int first = 0; first < kTileN; first += slice_columns<Out>(kTileN)) {
    // The slice before has been read when its thread says so.
    if (leads) bulk_wait_read<0>();
    barrier_sync(slice.barrier, kWarpgroup);
    stage_slice<kTileN, Out>(sums, slice.buffer, first);
    fence_proxy_async_shared();
    barrier_sync(slice.barrier, kWarpgroup);
    if (!by_tma) {
      copy_slice<kTileN, Out>(slice.buffer, a, tile, slice.row, first);
    } else if (leads) {
      if constexpr (kAdd) {
        tma_reduce_add(c, slice.buffer, {tile.column + first, tile.row + slice.row, tile.c_group});
      } else {
        tma_store(c, slice.buffer, {tile.column + first, tile.row + slice.row, tile.c_group});
      }
      bulk_commit();
    }
  }
}

}  // namespace windtunnel::device
