// BF16 x[rows, columns] to e4m3 of x^T with a scale for each 128 rows of x: the operand of a weight
// gradient. A CTA turns 128 rows x 64 columns over: cp.async brings rows of 128 bytes,
// ldmatrix.trans takes columns. Which rows of x make an 8x8 matrix is ours to choose, so lane l of
// a warp gets, of column l / 4, the rows 16 (l % 4) + 0..15 and those plus 64: four lanes hold a
// whole column, its largest value needs two shuffles, and its codes go out in 16-byte vectors.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// rows a multiple of 16, columns of 8; codes[columns, rows], scales[columns, ceil(rows / 128)].
struct QuantizeTransposedArguments {
  const bf16* x = nullptr;
  e4m3* codes = nullptr;
  float* scales = nullptr;
  int rows = 0;
  int columns = 0;
};

inline constexpr int kTurnRows = kScaleBlock;
inline constexpr int kTurnColumns = 64;
inline constexpr int kTurnThreads = 256;
inline constexpr u32 kTurnBytes = kTurnRows * kTurnColumns * 2;

/// Where 16-byte chunk `chunk` of row `row` lies. The eight rows of one matrix differ in bits 0, 4
/// and 5, and must lie in eight different chunks of the 128 bytes that one pass reads.
WT_HOST_DEVICE constexpr u32 turned_place(u32 row, u32 chunk) {
  const u32 key = (row & 1U) | (row >> 4 & 3U) << 1;
  return row * 128 + (chunk ^ key) * 16;
}

/// Row `r` of 8x8 matrix `i` of 16: lane's register i holds rows r = 2 (lane % 4) and one more.
WT_HOST_DEVICE constexpr u32 turned_row(u32 i, u32 r) {
  return i / 8 * 64 + r / 2 * 16 + i % 8 * 2 + r % 2;
}

template <Output kOutput>
__global__ void __launch_bounds__(kTurnThreads) quantize_transposed(QuantizeTransposedArguments a) {
  const int across = (a.columns + kTurnColumns - 1) / kTurnColumns;
  const int row0 = static_cast<int>(blockIdx.x) / across * kTurnRows;
  const int column0 = static_cast<int>(blockIdx.x) % across * kTurnColumns;
  const u32 base = shared_base();

  // What lies outside is filled with zeros, which no largest value notices.
#pragma unroll
  for (int piece = static_cast<int>(threadIdx.x); piece < kTurnRows * 8; piece += kTurnThreads) {
    const int row = row0 + piece / 8;
    const int column = column0 + piece % 8 * kVector;
    const bool inside = row < a.rows && column < a.columns;
    const bf16* from = inside ? a.x + i64{row} * a.columns + column : a.x;
    cp_async<16>(base + turned_place(static_cast<u32>(piece / 8), static_cast<u32>(piece % 8)),
                 from, inside ? 16 : 0);
  }
  cp_async_commit();
  cp_async_wait<0>();
  syncthreads();

  u32 pairs[16];
#pragma unroll
  for (u32 i = 0; i < 16; i += 4) {
    const u32 lane = static_cast<u32>(lane_id());
    const u32 row = turned_row(i + lane / 8, lane % 8);
    u32 part[4];
    ldmatrix_trans(part, base + turned_place(row, static_cast<u32>(warp_id())));
#pragma unroll
    for (u32 j = 0; j < 4; ++j) pairs[i + j] = part[j];
  }
  float largest = 0;
#pragma unroll
  for (int i = 0; i < 16; ++i) {
    const f32x2 v = unpack_bf16(pairs[i]);
    largest = maximum(largest, maximum(maximum(v.x, -v.x), maximum(v.y, -v.y)));
  }
  const Scale block = scale_of<kOutput>(lanes_max<4>(largest));
  const int column = column0 + warp_id() * kVector + lane_id() / 4;
  if (column >= a.columns) return;
  const auto four = [&](int i) {
    const f32x2 low = unpack_bf16(pairs[i]);
    const f32x2 high = unpack_bf16(pairs[i + 1]);
    return pack_e4m3(low.x * block.inverse, low.y * block.inverse, high.x * block.inverse,
                     high.y * block.inverse);
  };
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = row0 + half * 64 + lane_id() % 4 * 16;
    if (row >= a.rows) break;
    const u32x4 codes = {four(half * 8), four(half * 8 + 2), four(half * 8 + 4),
                         four(half * 8 + 6)};
    st_global(a.codes + i64{column} * a.rows + row, codes);
  }
  const int down = (a.rows + kTurnRows - 1) / kTurnRows;
  if (lane_id() % 4 == 0) st_global(a.scales + i64{column} * down + row0 / kTurnRows, block.scale);
}

inline LaunchReport launch_quantize_transposed(Gpu& gpu, const QuantizeTransposedArguments& a,
                                               Output output) {
  if (a.rows % 16 != 0 || a.columns % kVector != 0) {
    return {.failure = "quantize_transposed: rows must be a multiple of 16, columns of 8"};
  }
  if (a.rows == 0 || a.columns == 0) return {};
  const int tiles =
      (a.rows + kTurnRows - 1) / kTurnRows * ((a.columns + kTurnColumns - 1) / kTurnColumns);
  const LaunchShape shape{.kernel = "quantize_transposed",
                          .grid = {static_cast<u32>(tiles)},
                          .block = {kTurnThreads},
                          .shared_bytes = kTurnBytes};
  return output == Output::kExactScale
             ? launch(gpu, &quantize_transposed<Output::kExactScale>, shape, a)
             : launch(gpu, &quantize_transposed<Output::kPowerOfTwoScale>, shape, a);
}

}  // namespace windtunnel::device
