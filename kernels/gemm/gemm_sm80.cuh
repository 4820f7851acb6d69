// BF16 products on Ampere: persistent blocks of warps that each sum 64 rows by up to 64 columns,
// around a ring of cp.async groups. Rows of a stage are spread over the banks: 64 bytes of k, or
// for weight gradients (kMajor kMn), which take both operands as they lie, the tile's columns.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/gemm/call.h"
#include "kernels/gemm/walk.cuh"

namespace windtunnel::device {

template <int kTileM, int kTileN, int kWarps, Major kMajor, typename Out>
struct GemmSm80 {
  static constexpr int kThreads = kWarps * 32;
  static constexpr int kTileK = 32;
  static constexpr int kWarpN = kTileN / (kWarps / (kTileM / 64));
  static constexpr u32 kStageA = kTileM * kTileK * 2;
  static constexpr u32 kStage = kStageA + kTileN * kTileK * 2;
  static constexpr bool kAdds = kMajor == Major::kMn;
  static_assert(kWarpN % 16 == 0 && kTileM % 64 == 0);
  static_assert(!kAdds || (kTileN % 64 == 0 && sizeof(Out) == 4));

  using Walk = TileWalk<kTileM, kTileN, kTileK>;
  using Sums = float[4][kWarpN / 8][4];

  /// Where chunk `chunk` lies of row `row` of kColumns columns: eight rows of ldmatrix touch all
  /// banks, though two rows of 64 bytes are as wide as these, and one of a gradient's columns is.
  template <u32 kColumns>
  __device__ static constexpr u32 at(u32 row, u32 chunk) {
    const u32 turn = kMajor == Major::kK ? row / 2 % 4 : row % 8;
    return row * kColumns * 2 + (chunk ^ turn) * 16;
  }

  /// kRows by kColumns of an operand, `columns` wide, from column `first` on; zeros where it has no
  /// row or no column.
  template <int kRows, int kColumns>
  __device__ static void load_box(u32 to, const bf16* from, int rows, int columns, int first) {
    constexpr int kChunks = kColumns / 8;  // of 16 bytes
    static_assert(kRows * kChunks % kThreads == 0);
    const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
    for (int i = 0; i < kRows * kChunks / kThreads; ++i) {
      const int piece = thread + i * kThreads;
      const int row = piece / kChunks;
      const int column = first + piece % kChunks * 8;
      const bool inside = row < rows && column < columns;
      cp_async<16>(to + at<kColumns>(static_cast<u32>(row), static_cast<u32>(piece % kChunks)),
                   inside ? from + std::int64_t{row} * columns + column : from, inside ? 16 : 0);
    }
  }

  /// One step of k of both operands, which begin at the tile's first row (of c or of k).
  __device__ static void load(u32 base, const bf16* a, const bf16* b, const GemmArguments& all,
                              const GemmTile& tile, int step) {
    const u32 to = base + static_cast<u32>(step % kSm80Stages) * kStage;
    const int k = step * kTileK;
    if constexpr (kMajor == Major::kK) {
      load_box<kTileM, kTileK>(to, a, tile.rows, all.k, k);
      load_box<kTileN, kTileK>(to + kStageA, b, all.n - tile.column, all.k, k);
    } else {
      load_box<kTileK, kTileM>(to, a + std::int64_t{k} * all.m, kTileK, all.m, tile.row);
      load_box<kTileK, kTileN>(to + kStageA, b + std::int64_t{k} * all.n, kTileK, all.n,
                               tile.column);
    }
  }

  __device__ static int warp_row() { return warp_id() % (kTileM / 64) * 64; }
  __device__ static int warp_column() { return warp_id() / (kTileM / 64) * kWarpN; }

  /// Four blocks of 8 x 8 of an operand of kSize: 16 along c from `first` on, by half a stage of k.
  /// This lane names a row of the block that is `side` along c and `depth` along k.
  template <u32 kSize>
  __device__ static void fetch(u32 (&parts)[4], u32 operand, u32 first, u32 half, u32 side,
                               u32 depth) {
    const u32 lane = static_cast<u32>(lane_id()) % 8;
    if constexpr (kMajor == Major::kK) {
      ldmatrix(parts, operand + at<kTileK>(first + side * 8 + lane, half * 2 + depth));
    } else {
      ldmatrix_trans(parts, operand + at<kSize>(half * 16 + depth * 8 + lane, first / 8 + side));
    }
  }

  /// The products of half a stage, 16 of k.
  __device__ static void multiply(Sums& sums, u32 stage, u32 half) {
    const u32 block = static_cast<u32>(lane_id()) / 8;
    u32 a_parts[4][4];
    u32 b_parts[kWarpN / 16][4];
#pragma unroll
    for (u32 i = 0; i < 4; ++i) {
      const u32 row = static_cast<u32>(warp_row()) + i * 16;
      fetch<kTileM>(a_parts[i], stage, row, half, block % 2, block / 2);
    }
#pragma unroll
    for (u32 i = 0; i < kWarpN / 16; ++i) {
      const u32 column = static_cast<u32>(warp_column()) + i * 16;
      fetch<kTileN>(b_parts[i], stage + kStageA, column, half, block / 2, block % 2);
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

  /// Pairs of columns to the rows and columns that exist, or added to them: then what is there is
  /// fetched for 16 rows at a time, for nothing else hides how long that takes.
  __device__ static void store(const Sums& sums, const GemmArguments& all, const GemmTile& tile) {
    const std::int64_t line = std::int64_t{tile.c_group} * all.m + tile.row;
    const auto of_rows = [&](int i, const auto& visit) {
#pragma unroll
      for (int j = 0; j < kWarpN / 8; ++j) {
#pragma unroll
        for (int e = 0; e < 4; e += 2) {
          const Cell2 cell = accumulator_cell(lane_id(), e);
          const int row = warp_row() + i * 16 + cell.row;
          const int column = tile.column + warp_column() + j * 8 + cell.column;
          if (row >= tile.rows || column >= all.n) continue;
          visit(j, e, static_cast<Out*>(all.c) + (line + row) * all.n + column);
        }
      }
    };
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      f32x2 before[kWarpN / 8][2] = {};
      if constexpr (kAdds) {
        of_rows(i, [&](int j, int e, Out* to) { before[j][e / 2] = ld_global<f32x2>(to); });
      }
      of_rows(i, [&](int j, int e, Out* to) {
        const float low = sums[i][j][e];
        const float high = sums[i][j][e + 1];
        if constexpr (kAdds) {
          st_global(to, f32x2{before[j][e / 2].x + low, before[j][e / 2].y + high});
        } else if constexpr (sizeof(Out) == 2) {
          st_global(to, pack_bf16(low, high));
        } else {
          st_global(to, f32x2{low, high});
        }
      });
    }
  }
};

/// c = a b^T with BF16 operands, c in `Out`; kDense, kContiguous and kMasked, or kKGrouped, added
/// to FP32 (kMajor kMn).
template <int kTileM, int kTileN, int kWarps, Major kMajor, typename Out>
__global__ void __launch_bounds__(kWarps * 32)
    gemm_sm80(const bf16* a, const bf16* b, GemmArguments arguments) {
  using Kernel = GemmSm80<kTileM, kTileN, kWarps, kMajor, Out>;
  const u32 base = shared_base();
  typename Kernel::Walk walk;
  GemmTile tile;
  while (walk.next(arguments, tile)) {
    if (Kernel::kAdds && tile.steps == 0) continue;
    // Of k for a gradient, else of c.
    const std::int64_t a_row =
        Kernel::kAdds ? tile.k : std::int64_t{tile.a_group} * arguments.m + tile.row;
    const std::int64_t b_row =
        Kernel::kAdds ? tile.k : std::int64_t{tile.b_group} * arguments.n + tile.column;
    const int a_columns = Kernel::kAdds ? arguments.m : arguments.k;
    const int b_columns = Kernel::kAdds ? arguments.n : arguments.k;
    typename Kernel::Sums sums = {};
    Kernel::sum(base, a + a_row * a_columns, b + b_row * b_columns, arguments, tile, sums);
    Kernel::store(sums, arguments, tile);
  }
}

/// Runs one tile on the host's side; the plan must be of this tile.
template <int kTileM, int kTileN, int kWarps, Major kMajor, typename Out>
LaunchReport launch_gemm_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  return launch(
      gpu, &gemm_sm80<kTileM, kTileN, kWarps, kMajor, Out>,
      {.kernel = "gemm_sm80",
       .grid = {static_cast<u32>(plan.grid)},
       .block = {kWarps * 32},
       .shared_bytes = static_cast<u32>(sm80_shared_bytes(kTileM, kTileN, 32, kSm80Stages))},
      static_cast<const bf16*>(call.a), static_cast<const bf16*>(call.b), arguments_of(call, plan));
}

}  // namespace windtunnel::device
