// Softmax of a tile of scores as an accumulator holds them: a thread has two rows (or, for mma, two
// of a warp's sixteen), pairs of columns eight apart, and four neighbours share its rows.
#pragma once

#include "kernels/device/vocabulary.h"
#include "kernels/mla/attention_call.h"

namespace windtunnel::device {

/// Of a thread's two rows: the largest score so far times scale log2(e), and this thread's part of
/// the sum of exponentials.
struct RunningRows {
  float largest[2] = {-kInfinity, -kInfinity};
  float sum[2] = {0, 0};
};

/// Which scores count: keys below `keys`, and causally those up to the query.
struct ScoreMask {
  int keys;
  bool causal;

  /// Whether all keys before `end` count for the query and those behind it.
  __device__ bool all(int query, int end) const {
    return end <= keys && (!causal || end <= query + 1);
  }
  __device__ bool counts(int query, int key) const {
    return key < keys && (!causal || key <= query);
  }
};

/// Scores that don't count become minus infinity. `query` and `key` are those of the thread's first
/// row and first column.
template <int kCount>
__device__ void mask_scores(float (&s)[kCount], const ScoreMask& mask, int query, int key) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    const int row = query + i / 2 % 2 * 8;
    if (!mask.counts(row, key + i / 4 * 8 + i % 2)) s[i] = -kInfinity;
  }
}

/// The same where rows are keys and columns queries.
template <int kCount>
__device__ void mask_transposed(float (&s)[kCount], const ScoreMask& mask, int key, int query) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    const int row = key + i / 2 % 2 * 8;
    if (!mask.counts(query + i / 4 * 8 + i % 2, row)) s[i] = -kInfinity;
  }
}

/// Scores become exponentials against the largest so far, in base 2; what was summed before must be
/// multiplied by `factors`. A row must have had a score that counts.
template <int kCount>
__device__ void exponentials(float (&s)[kCount], float scale, RunningRows& rows,
                             float (&factors)[2]) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    float largest = -kInfinity;
#pragma unroll
    for (int i = 0; i < kCount; i += 4) {
      largest = maximum(largest, maximum(s[i + 2 * r], s[i + 2 * r + 1]));
    }
    largest = maximum(largest, shuffle_xor(largest, 1));
    largest = maximum(largest, shuffle_xor(largest, 2));
    largest = maximum(rows.largest[r], largest * scale);
    factors[r] = exp2_approx(rows.largest[r] - largest);
    rows.largest[r] = largest;
    float sum = 0;
#pragma unroll
    for (int i = 0; i < kCount; i += 4) {
#pragma unroll
      for (int e = 2 * r; e < 2 * r + 2; ++e) {
        s[i + e] = exp2_approx(multiply_add(s[i + e], scale, -largest));
        sum += s[i + e];
      }
    }
    rows.sum[r] = multiply_add(rows.sum[r], factors[r], sum);
  }
}

template <int kCount>
__device__ void rescale(float (&o)[kCount], const float (&factors)[2]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) o[i] *= factors[i / 2 % 2];
}

/// The A operand of the next product: 16 columns a step.
template <int kCount>
__device__ void pack_steps(const float (&s)[kCount], u32 (&p)[kCount / 8][4]) {
#pragma unroll
  for (int i = 0; i < kCount; i += 2) p[i / 8][i / 2 % 4] = pack_bf16(s[i], s[i + 1]);
}

/// The rows' sums, of all four threads.
__device__ inline void sum_rows(RunningRows& rows) {
#pragma unroll
  for (float& sum : rows.sum) {
    sum += shuffle_xor(sum, 1);
    sum += shuffle_xor(sum, 2);
  }
}

/// Natural logarithms of the sums, to the rows that exist: `to` is that of the thread's first row,
/// `rows` what is left from it on.
__device__ inline void store_log_sums(const RunningRows& rows, float* to, int left) {
  if (lane_id() % 4 != 0) return;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    if (8 * r < left) st_global(to + 8 * r, (rows.largest[r] + log2_approx(rows.sum[r])) * kLn2);
  }
}

}  // namespace windtunnel::device
