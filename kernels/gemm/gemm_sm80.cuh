// BF16 products on Ampere: persistent blocks of warps that each sum 64 rows by up to 64 columns,
// around a ring of cp.async groups. Rows of a stage are 64 bytes, spread over the banks.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/gemm/call.h"
#include "kernels/gemm/walk.cuh"

namespace windtunnel::device {

template <int kTileM, int kTileN, int kWarps, typename Out>
struct GemmSm80 {
  static constexpr int kThreads = kWarps * 32;
  static constexpr int kTileK = 32;
  static constexpr int kWarpN = kTileN / (kWarps / (kTileM / 64));
  static constexpr u32 kRow = kTileK * 2;
  static constexpr u32 kStage = (kTileM + kTileN) * kRow;
  static constexpr int kChunks = kTileK / 8;  // of 16 bytes
  static_assert(kWarpN % 16 == 0 && kTileM % 64 == 0);

  using Walk = TileWalk<kTileM, kTileN, kTileK>;
  using Sums = float[4][kWarpN / 8][4];

  /// Where chunk `chunk` of row `row` lies: eight rows of ldmatrix touch all banks.
  __device__ static constexpr u32 at(u32 row, u32 chunk) {
    return row * kRow + (chunk ^ (row / 2 % 4)) * 16;
  }

  /// `kRows` rows of an operand by kTileK; zeros where it has no row or no k.
  template <int kRows>
  __device__ static void load_rows(u32 to, const bf16* from, int rows, int k, int first_k) {
    static_assert(kRows * kChunks % kThreads == 0);
    const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
    for (int i = 0; i < kRows * kChunks / kThreads; ++i) {
      const int piece = thread + i * kThreads;
      const int row = piece / kChunks;
      const int depth = first_k + piece % kChunks * 8;
      const bool inside = row < rows && depth < k;
      cp_async<16>(to + at(static_cast<u32>(row), static_cast<u32>(piece % kChunks)),
                   inside ? from + std::int64_t{row} * k + depth : from, inside ? 16 : 0);
    }
  }

  __device__ static void load(u32 base, const bf16* a, const bf16* b, const GemmArguments& all,
                              const GemmTile& tile, int step) {
    const u32 to = base + static_cast<u32>(step % kSm80Stages) * kStage;
    load_rows<kTileM>(to, a, tile.rows, all.k, step * kTileK);
    load_rows<kTileN>(to + kTileM * kRow, b, all.n - tile.column, all.k, step * kTileK);
  }

  __device__ static int warp_row() { return warp_id() % (kTileM / 64) * 64; }
  __device__ static int warp_column() { return warp_id() / (kTileM / 64) * kWarpN; }

  /// The products of half a stage, 16 of k.
  __device__ static void multiply(Sums& sums, u32 stage, u32 half) {
    const u32 lane = static_cast<u32>(lane_id());
    u32 a_parts[4][4];
    u32 b_parts[kWarpN / 16][4];
#pragma unroll
    for (u32 i = 0; i < 4; ++i) {
      const u32 row = static_cast<u32>(warp_row()) + i * 16 + lane % 16;
      ldmatrix(a_parts[i], stage + at(row, half * 2 + lane / 16));
    }
#pragma unroll
    for (u32 i = 0; i < kWarpN / 16; ++i) {
      const u32 row = static_cast<u32>(warp_column()) + i * 16 + lane % 8 + lane / 16 * 8;
      ldmatrix(b_parts[i], stage + kTileM * kRow + at(row, half * 2 + lane / 8 % 2));
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int j = 0; j < kWarpN / 8; ++j) {
        mma_m16n8k16(sums[i][j], a_parts[i], b_parts[j / 2][j % 2 * 2],
                     b_parts[j / 2][j % 2 * 2 + 1]);
      }
    }
  }

  /// All products of a tile; the ring is empty before and after.
  __device__ static void sum(u32 base, const bf16* a, const bf16* b, const GemmArguments& all,
                             const GemmTile& tile, Sums& sums) {
#pragma unroll
    for (int step = 0; step < kSm80Stages - 1; ++step) {
      if (step < tile.steps) load(base, a, b, all, tile, step);
      cp_async_commit();
    }
    for (int step = 0; step < tile.steps; ++step) {
      cp_async_wait<kSm80Stages - 2>();
      // Everyone's part of this stage has come, and everyone has read the one filled next.
      syncthreads();
      const int next = step + kSm80Stages - 1;
      if (next < tile.steps) load(base, a, b, all, tile, next);
      cp_async_commit();
      const u32 stage = base + static_cast<u32>(step % kSm80Stages) * kStage;
      multiply(sums, stage, 0);
      multiply(sums, stage, 1);
    }
    cp_async_wait_all();
    syncthreads();
  }

  /// Pairs of columns to the rows and columns that exist.
  __device__ static void store(const Sums& sums, const GemmArguments& all, const GemmTile& tile) {
    const std::int64_t line = std::int64_t{tile.c_group} * all.m + tile.row;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int j = 0; j < kWarpN / 8; ++j) {
#pragma unroll
        for (int e = 0; e < 4; e += 2) {
          const Cell2 cell = accumulator_cell(lane_id(), e);
          const int row = warp_row() + i * 16 + cell.row;
          const int column = tile.column + warp_column() + j * 8 + cell.column;
          if (row >= tile.rows || column >= all.n) continue;
          Out* to = static_cast<Out*>(all.c) + (line + row) * all.n + column;
          if constexpr (sizeof(Out) == 2) {
            st_global(to, pack_bf16(sums[i][j][e], sums[i][j][e + 1]));
          } else {
            st_global(to, f32x2{sums[i][j][e], sums[i][j][e + 1]});
          }
        }
      }
    }
  }
};

/// c = a b^T with BF16 operands, c in `Out`; kDense, kContiguous and kMasked.
template <int kTileM, int kTileN, int kWarps, typename Out>
__global__ void __launch_bounds__(kWarps * 32)
    gemm_sm80(const bf16* a, const bf16* b, GemmArguments arguments) {
  using Kernel = GemmSm80<kTileM, kTileN, kWarps, Out>;
  const u32 base = shared_base();
  typename Kernel::Walk walk;
  GemmTile tile;
  while (walk.next(arguments, tile)) {
    const std::int64_t a_row = std::int64_t{tile.a_group} * arguments.m + tile.row;
    const std::int64_t b_row = std::int64_t{tile.b_group} * arguments.n + tile.column;
    typename Kernel::Sums sums = {};
    Kernel::sum(base, a + a_row * arguments.k, b + b_row * arguments.k, arguments, tile, sums);
    Kernel::store(sums, arguments, tile);
  }
}

/// Runs one tile on the host's side; the plan must be of this tile.
template <int kTileM, int kTileN, int kWarps, typename Out>
LaunchReport launch_gemm_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  return launch(
      gpu, &gemm_sm80<kTileM, kTileN, kWarps, Out>,
      {.kernel = "gemm_sm80",
       .grid = {static_cast<u32>(plan.grid)},
       .block = {kWarps * 32},
       .shared_bytes = static_cast<u32>(sm80_shared_bytes(kTileM, kTileN, 32, kSm80Stages))},
      static_cast<const bf16*>(call.a), static_cast<const bf16*>(call.b), arguments_of(call, plan));
}

}  // namespace windtunnel::device
