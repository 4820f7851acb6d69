// An example kernel in the style of sm_90a, with faults to plant: persistent CTAs of one producer
// warp and two warpgroups of consumers around a ring of TMA loads.
#pragma once

#include "kernels/device/vocabulary.h"

namespace windtunnel::device {

/// What may be wrong with the kernel.
enum class GemmFault90 {
  kNone,
  kNoFullWait,
  kWrongFullParity,
  kNoEmptyWait,
  kWrongEmptyParity,
  kNoPhaseFlip,
  kTooFewBytes,
  kTooManyBytes,
  kEarlyRelease,
  kReleaseBeforeWait,
  kNoFinalWait,
  kNoWgmmaFence,
  kWrongStride,
  kWrongKStep,
  kNoInitFence,
  kNoInitBarrier,
  kWrongEmptyCount,
  kUnalignedBase,
  kStaleAccumulator,
  kTooManyRegisters,
  kWrongRows,
  kNoEdgeGuard,
};

constexpr int kGemm90Rows = 128;
constexpr int kGemm90Columns = 128;
constexpr int kGemm90Depth = 64;
constexpr u32 kGemm90Stage = (kGemm90Rows + kGemm90Columns) * kGemm90Depth * 2;

template <int kStages>
constexpr u32 gemm_sm90_shared_bytes() {
  return 1024 + kStages * kGemm90Stage + 16 * kStages;
}

/// c[m, n] = a[m, k] b[n, k]; 384 threads.
template <int kStages>
__global__ void __launch_bounds__(384, 1)
    gemm_sm90(const __grid_constant__ TensorMap a, const __grid_constant__ TensorMap b, float* c,
              int m, int n, int k, GemmFault90 fault) {
  using enum GemmFault90;
  constexpr u32 kTileA = kGemm90Rows * kGemm90Depth * 2;
  const u32 aligned = (shared_base() + 1023) & ~1023U;
  const u32 base = fault == kUnalignedBase ? shared_base() + 16 : aligned;
  const u32 barriers = base + kStages * kGemm90Stage;
  const auto full = [&](int stage) { return barriers + 16 * static_cast<u32>(stage); };
  const auto empty = [&](int stage) { return barriers + 16 * static_cast<u32>(stage) + 8; };
  const int thread = static_cast<int>(threadIdx.x);
  const int warpgroup = thread / 128;
  if (thread == 0) {
    for (int stage = 0; stage < kStages; ++stage) {
      mbarrier_init(full(stage), 1);
      mbarrier_init(empty(stage), fault == kWrongEmptyCount ? 1 : 8);
    }
    if (fault != kNoInitFence) fence_mbarrier_init();
  }
  if (fault != kNoInitBarrier) syncthreads();

  const int across = (n + kGemm90Columns - 1) / kGemm90Columns;
  const int tiles = across * ((m + kGemm90Rows - 1) / kGemm90Rows);
  const int steps = (k + kGemm90Depth - 1) / kGemm90Depth;
  int stage = 0;
  u32 parity = 0;
  const auto advance = [&] {
    if (++stage < kStages) return;
    stage = 0;
    if (fault != kNoPhaseFlip) parity ^= 1;
  };
  if (warpgroup == 0) {
    setmaxnreg_dec<40>();
    if (warp_id() != 0 || !elect()) return;
    for (int tile = static_cast<int>(blockIdx.x); tile < tiles;
         tile += static_cast<int>(gridDim.x)) {
      for (int step = 0; step < steps; ++step) {
        if (fault != kNoEmptyWait) {
          mbarrier_wait(empty(stage), fault == kWrongEmptyParity ? parity : parity ^ 1);
        }
        const u32 to = base + static_cast<u32>(stage) * kGemm90Stage;
        const u32 bytes = fault == kTooFewBytes    ? kGemm90Stage / 2
                          : fault == kTooManyBytes ? kGemm90Stage + 16
                                                   : kGemm90Stage;
        mbarrier_arrive_expect_tx(full(stage), bytes);
        const int from = step * kGemm90Depth;
        tma_load(to, a, full(stage), {from, tile / across * kGemm90Rows});
        tma_load(to + kTileA, b, full(stage), {from, tile % across * kGemm90Columns});
        advance();
      }
    }
    return;
  }

  if (fault == kTooManyRegisters) {
    setmaxnreg_inc<248>();
  } else {
    setmaxnreg_inc<232>();
  }
  const int lane = lane_id();
  for (int tile = static_cast<int>(blockIdx.x); tile < tiles; tile += static_cast<int>(gridDim.x)) {
    float sums[kGemm90Columns / 2];
    int previous = -1;
    for (int step = 0; step < steps; ++step) {
      if (fault != kNoFullWait) {
        mbarrier_wait(full(stage), fault == kWrongFullParity ? parity ^ 1 : parity);
      }
      const u32 rows = fault == kWrongRows ? 0 : static_cast<u32>(warpgroup - 1) * 64;
      const u32 tile_a = base + static_cast<u32>(stage) * kGemm90Stage + rows * kGemm90Depth * 2;
      const u32 tile_b = base + static_cast<u32>(stage) * kGemm90Stage + kTileA;
      if (fault != kNoWgmmaFence) wgmma_fence();
#pragma unroll
      for (u32 i = 0; i < kGemm90Depth / 16; ++i) {
        const u32 at_b = tile_b + i * (fault == kWrongKStep ? 16 : 32);
        const u64 b_tile =
            fault == kWrongStride ? encode({at_b, 16, 512, Swizzle::k128}) : tile_descriptor(at_b);
        wgmma_bf16<kGemm90Columns>(sums, tile_descriptor(tile_a + i * 32), b_tile,
                                   fault == kStaleAccumulator || step > 0 || i > 0);
      }
      wgmma_commit();
      if (fault == kReleaseBeforeWait) {
        if (previous >= 0 && lane == 0) mbarrier_arrive(empty(previous));
      }
      wgmma_wait<1>(sums);
      if (fault == kEarlyRelease) {
        if (lane == 0) mbarrier_arrive(empty(stage));
      } else if (fault != kReleaseBeforeWait) {
        if (previous >= 0 && lane == 0) mbarrier_arrive(empty(previous));
      }
      previous = stage;
      advance();
    }
    if (fault != kNoFinalWait) wgmma_wait<0>(sums);
    if (fault != kEarlyRelease && lane == 0) mbarrier_arrive(empty(previous));
#pragma unroll
    for (int i = 0; i < kGemm90Columns / 2; i += 2) {
      const Cell2 at = accumulator_cell(thread % 128, i);
      const int row = tile / across * kGemm90Rows + (warpgroup - 1) * 64 + at.row;
      const int column = tile % across * kGemm90Columns + at.column;
      if (fault == kNoEdgeGuard || (row < m && column < n)) {
        st_global(c + static_cast<std::size_t>(row) * static_cast<std::size_t>(n) + column,
                  f32x2{sums[i], sums[i + 1]});
      }
    }
  }
}

}  // namespace windtunnel::device
