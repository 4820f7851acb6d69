// What the attention kernels of sm_80 share: tiles of rows in shared memory, filled by cp.async,
// and their fragments for mma.
#pragma once

#include "kernels/device/vocabulary.h"
#include "kernels/mla/attention_call.h"

namespace windtunnel::device {

/// A tile of rows of kWidth BF16, their 16-byte chunks permuted so that eight rows of a column of
/// chunks touch all banks. kWidth is a multiple of 64.
template <int kWidth>
struct TileSm80 {
  u32 base;

  static constexpr u32 kRow = kWidth * 2;
  static constexpr u32 bytes(int rows) { return static_cast<u32>(rows) * kRow; }

  __device__ u32 at(u32 row, u32 chunk) const { return base + row * kRow + (chunk ^ row % 8) * 16; }

  /// The first `rows` of kRows from a head's rows, `pitch` elements apart; zeros where there is
  /// none. By all kThreads.
  template <int kRows, int kThreads>
  __device__ void load(const bf16* from, std::int64_t pitch, int rows) const {
    constexpr int kChunks = kWidth / 8;
    static_assert(kRows * kChunks % kThreads == 0);
#pragma unroll
    for (int i = 0; i < kRows * kChunks / kThreads; ++i) {
      const int piece = static_cast<int>(threadIdx.x) + i * kThreads;
      const int row = piece / kChunks;
      const int chunk = piece % kChunks;
      const bool inside = row < rows;
      cp_async<16>(at(static_cast<u32>(row), static_cast<u32>(chunk)),
                   inside ? from + row * pitch + chunk * 8 : from, inside ? 16 : 0);
    }
  }

  /// A of rows from `row` and 16 columns from 16 `step`.
  __device__ void a(u32 (&r)[4], u32 row, u32 step) const {
    const u32 lane = static_cast<u32>(lane_id());
    ldmatrix(r, at(row + lane % 16, step * 2 + lane / 16));
  }
  /// A of the transposed tile: its rows are columns here, from 8 `chunk`, and k runs along 16 rows.
  __device__ void a_transposed(u32 (&r)[4], u32 row, u32 chunk) const {
    const u32 lane = static_cast<u32>(lane_id());
    ldmatrix_trans(r, at(row + lane % 8 + lane / 16 * 8, chunk + lane / 8 % 2));
  }
  /// B whose n are 16 rows from `row`, and k 16 columns: r[0], r[1] of the first eight n.
  __device__ void b(u32 (&r)[4], u32 row, u32 step) const {
    const u32 lane = static_cast<u32>(lane_id());
    ldmatrix(r, at(row + lane % 8 + lane / 16 * 8, step * 2 + lane / 8 % 2));
  }
  /// B whose k are 16 rows from `row`, and n 16 columns from 8 `chunk`.
  __device__ void b_transposed(u32 (&r)[4], u32 row, u32 chunk) const {
    const u32 lane = static_cast<u32>(lane_id());
    ldmatrix_trans(r, at(row + lane % 16, chunk + lane / 16));
  }
};

/// Registers 4 j to 4 j + 3, one product's, of a row of accumulators.
template <int kCount>
__device__ float (&quad(float (&sums)[kCount], int j))[4] {
  return reinterpret_cast<float(&)[4]>(sums[4 * j]);
}

/// Two products of 16 columns.
template <int kCount>
__device__ void multiply_pair(float (&sums)[kCount], int pair, const u32 (&a)[4],
                              const u32 (&b)[4]) {
  mma_m16n8k16(quad(sums, 2 * pair), a, b[0], b[1]);
  mma_m16n8k16(quad(sums, 2 * pair + 1), a, b[2], b[3]);
}

/// A warp's 16 rows by kCount / 2 columns as BF16 to those of `rows` rows that exist; `to` is that
/// of the first row and column, `pitch` elements from row to row.
template <int kCount>
__device__ void store_pairs(const float (&sums)[kCount], bf16* to, std::int64_t pitch, int rows) {
#pragma unroll
  for (int i = 0; i < kCount; i += 2) {
    const Cell2 cell = accumulator_cell(lane_id(), i);
    if (cell.row < rows) {
      st_global(to + cell.row * pitch + cell.column, pack_bf16(sums[i], sums[i + 1]));
    }
  }
}

}  // namespace windtunnel::device
