// What the decode kernels of both architectures share: the pieces of a block, which keys a row
// sees, online softmax in base 2, and where a row's result goes.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/device/vocabulary.h"
#include "kernels/mla/decode_call.h"

namespace windtunnel::device {

/// A piece with what a block must know of its request.
struct DecodeWork {
  DecodePiece piece;
  int length;
  int first_row;  ///< of the block's tile in the request
};

/// The pieces of a block: block b has tile b % tiles of part b / tiles, so that neighbours read the
/// same pages.
struct DecodeWalk {
  int at;
  int end;
  int first_row;

  __device__ explicit DecodeWalk(const DecodeArguments& a) {
    const int block = static_cast<int>(blockIdx.x);
    at = ld_global_nc<int>(a.begins + block / a.tiles);
    end = ld_global_nc<int>(a.begins + block / a.tiles + 1);
    first_row = block % a.tiles * kDecodeTileRows;
  }

  __device__ bool next(const DecodeArguments& a, DecodeWork& work) {
    if (at == end) return false;
    const u32x4 piece = ld_global_nc<u32x4>(a.pieces + at++);
    work.piece = {static_cast<int>(piece.x), static_cast<int>(piece.y), static_cast<int>(piece.z),
                  static_cast<int>(piece.w)};
    work.length = ld_global_nc<int>(a.lengths + work.piece.request);
    work.first_row = first_row;
    return true;
  }
};

/// Page `index` of the request, in the cache.
__device__ inline int page_at(const DecodeArguments& a, const DecodeWork& work, int index) {
  return ld_global_nc<int>(a.page_table + std::int64_t{work.piece.request} * a.table_pitch + index);
}

/// How many of the request's first tokens row `row` of the tile sees, at most; may be negative.
__device__ inline int seen_by(const DecodeArguments& a, const DecodeWork& work, int row) {
  return work.length - (a.queries - 1 - (work.first_row + row) / a.heads);
}

/// The running maximum of a row's scores, and the sum of exp2(scale (score - maximum)).
struct RowSoftmax {
  float largest = -INFINITY;
  float sum = 0;
};

/// What is subtracted from scaled scores: nothing as long as the row has seen no key.
__device__ inline float offset_of(float largest, float scale) {
  return largest == -INFINITY ? 0.0F : largest * scale;
}
/// exp2(scale score - offset).
__device__ inline float weight_of(float score, float scale, float offset) {
  return exp2_approx(multiply_add(score, scale, -offset));
}

/// What a row's sum of p v must be multiplied with in the end.
__device__ inline float inverse_of(float sum) { return sum > 0 ? reciprocal_approx(sum) : 0.0F; }

/// Two columns of row `row` of the tile: to the result, or to the part's slot.
__device__ inline void store_pair(const DecodeArguments& a, const DecodeWork& work, int row,
                                  int column, float x, float y) {
  const bool whole = work.piece.slot < 0;
  const std::int64_t line =
      std::int64_t{whole ? work.piece.request : work.piece.slot} * a.rows + work.first_row + row;
  if (whole) {
    st_global(a.o + line * kDecodeLatent + column, pack_bf16(x, y));
  } else {
    st_global(a.parts + line * kDecodeLatent + column, f32x2{x, y});
  }
}

/// The row's log sum, likewise: natural, or in base 2.
__device__ inline void store_log_sum(const DecodeArguments& a, const DecodeWork& work, int row,
                                     const RowSoftmax& softmax) {
  const float value = softmax.largest * a.scale + log2_approx(softmax.sum);
  if (work.piece.slot < 0) {
    const std::int64_t line = std::int64_t{work.piece.request} * a.rows + work.first_row + row;
    st_global(a.log_sums + line, value * 0.693147181F);
  } else {
    const std::int64_t line = std::int64_t{work.piece.slot} * a.rows + work.first_row + row;
    st_global(a.part_sums + line, value);
  }
}

}  // namespace windtunnel::device
