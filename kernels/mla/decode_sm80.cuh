// MLA decoding on Ampere. A block has 64 rows (queries x heads) of a request and walks its keys, 32
// at a time, which cp.async brings while those before are worked on. Each of eight warps computes
// the scores of 16 rows and 16 keys, then 64 columns of all rows' output.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/gemm/plan.h"
#include "kernels/mla/decode_rows.cuh"

namespace windtunnel::device {

struct DecodeSm80 {
  static constexpr int kThreads = 256;
  static constexpr int kKeys = 32;
  static constexpr int kStages = 2;
  static constexpr u32 kRow = kDecodeWidth * 2;
  static constexpr u32 kChunks = kRow / 16;
  static constexpr u32 kQ = kDecodeTileRows * kRow;
  static constexpr u32 kStage = kKeys * kRow;
  static constexpr u32 kPRow = kKeys * 2;
  static constexpr u32 kP = kDecodeTileRows * kPRow;
  static constexpr int kColumns = kDecodeLatent / (kThreads / 32);
  /// FP32 numbers of each row: the largest score of either half of the keys, then either's sum; and
  /// what the output must be multiplied with.
  static constexpr u32 kNumbers = 3 * kDecodeTileRows * 4;
  static constexpr u32 kShared = kQ + kStages * kStage + kP + kNumbers;
  static_assert(kShared <= kA100Limits.shared_bytes);

  using Output = float[4][kColumns / 8][4];
  using Scores = float[2][4];

  struct Shared {
    u32 base;

    __device__ Shared() : base{shared_base()} {}
    /// Chunk `chunk` of a row of q or of a stage: eight rows of ldmatrix touch all banks.
    __device__ static constexpr u32 at(u32 row, u32 chunk) {
      return row * kRow + (chunk ^ (row % 8)) * 16;
    }
    __device__ u32 q(u32 row, u32 chunk) const { return base + at(row, chunk); }
    __device__ u32 keys(int step) const {
      return base + kQ + static_cast<u32>(step % kStages) * kStage;
    }
    __device__ u32 p(u32 row, u32 chunk) const {
      return base + kQ + kStages * kStage + row * kPRow + (chunk ^ (row / 2 % 4)) * 16;
    }
    __device__ u32 half(int of, int row) const {
      return base + kQ + kStages * kStage + kP + static_cast<u32>(of * kDecodeTileRows + row) * 4;
    }
    __device__ u32 factor(int row) const { return half(2, row); }
  };

  /// Rows from `from` on, `rows` of them there and the others zero; eight threads a row.
  template <int kRows>
  __device__ static void load_rows(u32 to, const bf16* from, int rows) {
    const int thread = static_cast<int>(threadIdx.x);
    const int column = thread % 8;
#pragma unroll
    for (int i = 0; i < kRows * 8 / kThreads; ++i) {
      const int row = thread / 8 + i * kThreads / 8;
      const bf16* line = from + (row < rows ? row * kDecodeWidth : 0);
#pragma unroll
      for (int chunk = column; chunk < static_cast<int>(kChunks); chunk += 8) {
        cp_async<16>(to + Shared::at(static_cast<u32>(row), static_cast<u32>(chunk)),
                     line + chunk * 8, row < rows ? 16 : 0);
      }
    }
  }

  /// Keys of step `step` of the piece, half a page.
  __device__ static void load_keys(const Shared& shared, const bf16* cache,
                                   const DecodeArguments& a, const DecodeWork& work, int step) {
    const int page = work.piece.first_page + step / 2;
    const int first = step % 2 * kKeys;
    const std::int64_t line = std::int64_t{page_at(a, work, page)} * kPageTokens + first;
    load_rows<kKeys>(shared.keys(step), cache + line * kDecodeWidth,
                     work.length - page * kPageTokens - first);
  }

  /// Steps of a piece; the last page may have one only.
  __device__ static int steps_of(const DecodeWork& work) {
    const int keys = work.length - work.piece.first_page * kPageTokens;
    const int most = work.piece.pages * (kPageTokens / kKeys);
    const int steps = (keys + kKeys - 1) / kKeys;
    return steps < most ? steps : most;
  }

  // The part of the scores that a warp has.
  __device__ static int score_row() { return warp_id() / 2 * 16; }
  __device__ static int score_half() { return warp_id() % 2; }
  __device__ static int row_of(int half) {
    return score_row() + accumulator_cell(lane_id(), 2 * half).row;
  }

  __device__ static void score(Scores& s, const Shared& shared, u32 keys) {
    const u32 lane = static_cast<u32>(lane_id());
    const u32 row = static_cast<u32>(score_row()) + lane % 16;
    const u32 key = static_cast<u32>(score_half()) * 16 + lane % 8 + lane / 16 * 8;
#pragma unroll 4
    for (u32 i = 0; i < kDecodeWidth / 16; ++i) {
      u32 a[4];
      u32 b[4];
      ldmatrix(a, shared.q(row, i * 2 + lane / 16));
      ldmatrix(b, keys + Shared::at(key, i * 2 + lane / 8 % 2));
      mma_m16n8k16(s[0], a, b[0], b[1]);
      mma_m16n8k16(s[1], a, b[2], b[3]);
    }
  }

  /// Hides keys that are not there or not yet seen; `first` is the token of the step's first key.
  __device__ static void mask(Scores& s, const DecodeArguments& a, const DecodeWork& work,
                              int first) {
    if (first + kKeys <= work.length - (a.queries - 1)) return;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int end = seen_by(a, work, row_of(half)) - first - score_half() * 16;
#pragma unroll
      for (int i = 0; i < 2; ++i) {
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const int column = i * 8 + accumulator_cell(lane_id(), e).column;
          if (column >= end) s[i][half * 2 + e] = -INFINITY;
        }
      }
    }
  }

  /// Leaves the largest score of the warp's keys in each of its rows.
  __device__ static void leave_largest(const Scores& s, const Shared& shared) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int e = half * 2;
      float largest = maximum(maximum(s[0][e], s[0][e + 1]), maximum(s[1][e], s[1][e + 1]));
      largest = maximum(largest, shuffle_xor(largest, 1));
      largest = maximum(largest, shuffle_xor(largest, 2));
      if (lane_id() % 4 == 0) st_shared(shared.half(score_half(), row_of(half)), largest);
    }
  }

  /// Leaves P and what the output must be multiplied with; sums stay with the warp's keys.
  __device__ static void soften(Scores& s, const Shared& shared, RowSoftmax (&rows)[2],
                                float scale) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = row_of(half);
      const float largest = maximum(
          rows[half].largest,
          maximum(ld_shared<float>(shared.half(0, row)), ld_shared<float>(shared.half(1, row))));
      const float offset = offset_of(largest, scale);
      const float shrink = weight_of(rows[half].largest, scale, offset);
      float sum = rows[half].sum * shrink;
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        float& x = s[i][half * 2];
        float& y = s[i][half * 2 + 1];
        x = weight_of(x, scale, offset);
        y = weight_of(y, scale, offset);
        sum += x + y;
        const u32 chunk = static_cast<u32>(score_half() * 2 + i);
        st_shared(shared.p(static_cast<u32>(row), chunk) + static_cast<u32>(lane_id() % 4) * 4,
                  pack_bf16(x, y));
      }
      rows[half] = {largest, sum};
      if (score_half() == 0 && lane_id() % 4 == 0) st_shared(shared.factor(row), shrink);
    }
  }

  /// Every row's output times its factor; of `rows` only, in blocks of 16, here and below.
  __device__ static void multiply(Output& o, const Shared& shared, int rows) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (i * 16 >= rows) continue;
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = i * 16 + accumulator_cell(lane_id(), 2 * half).row;
        const float factor = ld_shared<float>(shared.factor(row));
#pragma unroll
        for (int j = 0; j < kColumns / 8; ++j) {
          o[i][j][half * 2] *= factor;
          o[i][j][half * 2 + 1] *= factor;
        }
      }
    }
  }

  /// Adds P times the warp's columns of the keys' values.
  __device__ static void add_values(Output& o, const Shared& shared, u32 keys, int rows) {
    const u32 lane = static_cast<u32>(lane_id());
#pragma unroll
    for (u32 k = 0; k < kKeys / 16; ++k) {
      u32 p[4][4];
#pragma unroll
      for (u32 i = 0; i < 4; ++i) {
        if (static_cast<int>(i) * 16 >= rows) continue;
        ldmatrix(p[i], shared.p(i * 16 + lane % 16, k * 2 + lane / 16));
      }
#pragma unroll
      for (u32 j = 0; j < kColumns / 16; ++j) {
        u32 v[4];
        const u32 chunk = static_cast<u32>(warp_id()) * (kColumns / 8) + j * 2 + lane / 16;
        ldmatrix_trans(v, keys + Shared::at(k * 16 + lane % 16, chunk));
#pragma unroll
        for (u32 i = 0; i < 4; ++i) {
          if (static_cast<int>(i) * 16 >= rows) continue;
          mma_m16n8k16(o[i][j * 2], p[i], v[0], v[1]);
          mma_m16n8k16(o[i][j * 2 + 1], p[i], v[2], v[3]);
        }
      }
    }
  }

  /// One piece without its end.
  __device__ static void attend(const Shared& shared, const bf16* q, const bf16* cache,
                                const DecodeArguments& a, const DecodeWork& work, Output& o,
                                RowSoftmax (&rows)[2]) {
    const int steps = steps_of(work);
    if (steps <= 0) return;
    const int there = a.rows - work.first_row;
    const bool scores = score_row() < there;
    const std::int64_t line = std::int64_t{work.piece.request} * a.rows + work.first_row;
    load_rows<kDecodeTileRows>(shared.q(0, 0), q + line * kDecodeWidth, there);
    load_keys(shared, cache, a, work, 0);
    cp_async_commit();
    for (int step = 0; step < steps; ++step) {
      cp_async_wait<0>();
      // Everyone's part of this step has come, and everyone is through with the one before.
      syncthreads();
      if (step + 1 < steps) load_keys(shared, cache, a, work, step + 1);
      cp_async_commit();
      Scores s = {};
      if (scores) {
        score(s, shared, shared.keys(step));
        mask(s, a, work, work.piece.first_page * kPageTokens + step * kKeys);
        leave_largest(s, shared);
      }
      syncthreads();
      if (scores) soften(s, shared, rows, a.scale);
      syncthreads();
      multiply(o, shared, there);
      add_values(o, shared, shared.keys(step), there);
    }
  }

  /// Adds the two halves' sums; what the output must be multiplied with, and the log sums.
  __device__ static void finish(const Shared& shared, const DecodeArguments& a,
                                const DecodeWork& work, RowSoftmax (&rows)[2]) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      rows[half].sum += shuffle_xor(rows[half].sum, 1);
      rows[half].sum += shuffle_xor(rows[half].sum, 2);
      if (lane_id() % 4 == 0) st_shared(shared.half(score_half(), row_of(half)), rows[half].sum);
    }
    syncthreads();
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = row_of(half);
      if (score_half() != 0 || lane_id() % 4 != 0) continue;
      rows[half].sum =
          ld_shared<float>(shared.half(0, row)) + ld_shared<float>(shared.half(1, row));
      st_shared(shared.factor(row), inverse_of(rows[half].sum));
      if (work.first_row + row < a.rows) store_log_sum(a, work, row, rows[half]);
    }
    syncthreads();
  }

  __device__ static void store(const Output& o, const DecodeArguments& a, const DecodeWork& work) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int j = 0; j < kColumns / 8; ++j) {
#pragma unroll
        for (int e = 0; e < 4; e += 2) {
          const Cell2 cell = accumulator_cell(lane_id(), e);
          const int row = i * 16 + cell.row;
          if (work.first_row + row >= a.rows) continue;
          store_pair(a, work, row, warp_id() * kColumns + j * 8 + cell.column, o[i][j][e],
                     o[i][j][e + 1]);
        }
      }
    }
  }
};

template <int kThreads>
__global__ void __launch_bounds__(kThreads, 1)
    decode_sm80(const bf16* q, const bf16* cache, DecodeArguments arguments) {
  const DecodeSm80::Shared shared;
  DecodeWalk walk(arguments);
  DecodeWork work;
  while (walk.next(arguments, work)) {
    DecodeSm80::Output o = {};
    RowSoftmax rows[2];
    DecodeSm80::attend(shared, q, cache, arguments, work, o, rows);
    DecodeSm80::finish(shared, arguments, work, rows);
    DecodeSm80::multiply(o, shared, arguments.rows - work.first_row);
    DecodeSm80::store(o, arguments, work);
  }
}

/// All pieces of the plan; those of requests with several are then merged (combine.cuh).
inline LaunchReport launch_decode_sm80(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call) {
  if (plan.parts == 0) return {};
  return launch(gpu, &decode_sm80<DecodeSm80::kThreads>,
                {.kernel = "decode_sm80",
                 .grid = {static_cast<u32>(plan.parts * plan.tiles)},
                 .block = {DecodeSm80::kThreads},
                 .shared_bytes = DecodeSm80::kShared},
                call.q, static_cast<const bf16*>(call.cache), arguments_of(call, plan));
}

}  // namespace windtunnel::device
