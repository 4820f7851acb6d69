// An example kernel in the style of sm_80, with faults to plant: eight warps of 64x32 around a ring
// of cp.async groups.
#pragma once

#include <cstddef>

#include "kernels/device/vocabulary.h"

namespace windtunnel::device {

/// What may be wrong with the kernel.
enum class GemmFault80 {
  kNone,
  kNoWait,
  kWaitOffByOne,
  kNoBarrier,
  kLoadBeforeBarrier,
  kBarrierBeforeWait,
  kWrongStage,
  kWrongSwizzle,
  kNoCommitAtTail,
  kNoZeroFill,
  kNoEdgeGuard,
  kBankConflicts,
};

constexpr int kGemm80Rows = 128;
constexpr int kGemm80Columns = 128;
constexpr int kGemm80Depth = 32;
constexpr u32 kGemm80Stage = (kGemm80Rows + kGemm80Columns) * kGemm80Depth * 2;

/// Where 16-byte chunk `chunk` (0 to 3) of row `row` lies: rows of 64 bytes, spread over the banks.
__device__ constexpr u32 gemm_sm80_place(u32 row, u32 chunk, GemmFault80 fault) {
  const u32 spread = fault == GemmFault80::kBankConflicts ? chunk : chunk ^ ((row >> 1) & 3);
  return row * 64 + spread * 16;
}

/// c[m, n] = a[m, k] b[n, k]; 256 threads, one tile a CTA. k must be a multiple of 8.
template <int kStages>
__global__ void __launch_bounds__(256)
    gemm_sm80(const bf16* a, const bf16* b, float* c, int m, int n, int k, GemmFault80 fault) {
  using enum GemmFault80;
  constexpr u32 kTileA = kGemm80Rows * kGemm80Depth * 2;
  const u32 base = shared_base();
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = lane_id();
  const int warp_row = warp_id() / 4 * 64;
  const int warp_column = warp_id() % 4 * 32;
  const int across = (n + kGemm80Columns - 1) / kGemm80Columns;
  const int row0 = static_cast<int>(blockIdx.x) / across * kGemm80Rows;
  const int column0 = static_cast<int>(blockIdx.x) % across * kGemm80Columns;
  const int steps = (k + kGemm80Depth - 1) / kGemm80Depth;

  const auto load_operand = [&](u32 to, const bf16* from, int first, int rows, int row, int depth,
                                u32 chunk) {
    const bool inside = first + row < rows && depth < k;
    const std::size_t at = static_cast<std::size_t>(first + row) * static_cast<std::size_t>(k) +
                           static_cast<std::size_t>(depth);
    const u32 bytes = inside || fault == kNoZeroFill ? 16 : 0;
    cp_async<16>(to + gemm_sm80_place(static_cast<u32>(row), chunk, fault),
                 inside || fault == kNoZeroFill ? from + at : from, bytes);
  };
  const auto load = [&](int step) {
    const u32 to = base + static_cast<u32>(step % kStages) * kGemm80Stage;
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const int piece = thread + i * 256;
      const u32 chunk = static_cast<u32>(piece % 4);
      const int depth = step * kGemm80Depth + piece % 4 * 8;
      load_operand(to, a, row0, m, piece / 4, depth, chunk);
      load_operand(to + kTileA, b, column0, n, piece / 4, depth, chunk);
    }
  };

  float sums[4][4][4] = {};
#pragma unroll
  for (int step = 0; step < kStages - 1; ++step) {
    if (step < steps) load(step);
    cp_async_commit();
  }
  for (int step = 0; step < steps; ++step) {
    const int next = step + kStages - 1;
    if (fault == kBarrierBeforeWait) syncthreads();
    if (fault == kWaitOffByOne) {
      cp_async_wait<kStages - 1>();
    } else if (fault != kNoWait) {
      cp_async_wait<kStages - 2>();
    }
    if (fault == kLoadBeforeBarrier) {
      if (next < steps) load(next);
    }
    if (fault != kNoBarrier && fault != kBarrierBeforeWait) syncthreads();
    if (fault != kLoadBeforeBarrier) {
      if (next < steps) load(fault == kWrongStage ? next + 1 : next);
    }
    if (fault != kNoCommitAtTail || next < steps) cp_async_commit();
    const u32 tile_a = base + static_cast<u32>(step % kStages) * kGemm80Stage;
    const u32 tile_b = tile_a + kTileA;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      u32 a_parts[4][4];
      u32 b_parts[2][4];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const u32 row = static_cast<u32>(warp_row + i * 16 + lane % 16);
        const u32 chunk = static_cast<u32>(half * 2 + lane / 16);
        const u32 place = fault == kWrongSwizzle ? row * 64 + ((chunk ^ (row & 3)) * 16)
                                                 : gemm_sm80_place(row, chunk, fault);
        ldmatrix(a_parts[i], tile_a + place);
      }
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const u32 row = static_cast<u32>(warp_column + i * 16 + lane % 8 + lane / 16 * 8);
        const u32 chunk = static_cast<u32>(half * 2 + lane / 8 % 2);
        ldmatrix(b_parts[i], tile_b + gemm_sm80_place(row, chunk, fault));
      }
#pragma unroll
      for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
          mma_m16n8k16(sums[i][j], a_parts[i], b_parts[j / 2][j % 2 * 2],
                       b_parts[j / 2][j % 2 * 2 + 1]);
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const Cell2 at = accumulator_cell(lane, e);
        const int row = row0 + warp_row + i * 16 + at.row;
        const int column = column0 + warp_column + j * 8 + at.column;
        if (fault == kNoEdgeGuard || (row < m && column < n)) {
          st_global(c + static_cast<std::size_t>(row) * static_cast<std::size_t>(n) + column,
                    sums[i][j][e]);
        }
      }
    }
  }
}

}  // namespace windtunnel::device
