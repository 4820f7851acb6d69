// Around the backward kernels: what they need of each query, and dq's way from FP32 to BF16.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/mla/rows.cuh"

namespace windtunnel::device {

/// What the backward kernels are given beside their operands.
struct BackwardArguments {
  int heads;
  int tokens;
  int padded;  ///< rows of log_sums and deltas a head
  bool causal;
  float scale;           ///< times log2(e)
  float gradient_scale;  ///< of scores, and so of dq and dk
  const int* offsets;
  const float* log_sums;
  const float* deltas;
  bf16* dk;
  bf16* dv;
  float* dq_sum;
};
inline BackwardArguments backward_arguments(const AttentionCall& call,
                                            const AttentionGradients& gradients) {
  return {.heads = call.heads,
          .tokens = call.tokens,
          .padded = padded_rows(call.tokens, call.sequences),
          .causal = call.causal,
          .scale = call.scale * kLog2E,
          .gradient_scale = call.scale,
          .offsets = call.offsets,
          .log_sums = gradients.log_sums,
          .deltas = gradients.deltas,
          .dk = gradients.dk,
          .dv = gradients.dv,
          .dq_sum = gradients.dq_sum};
}

inline constexpr int kRowsThreads = 256;
/// Threads of a row: each has 16 bytes of o and dout.
inline constexpr int kRowThreads = kValueWidth / 8;

struct BackwardPreArguments {
  int heads;
  int tokens;
  int padded;
  const int* offsets;
  const bf16* o;
  const bf16* dout;
  const float* lse;
  float* log_sums;
  float* deltas;
  float* dq_sum;
};

/// The sum of 16 bytes' eight products.
__device__ inline float dot_chunk(const u32x4& a, const u32x4& b) {
  const u32 pairs[4][2] = {{a.x, b.x}, {a.y, b.y}, {a.z, b.z}, {a.w, b.w}};
  float sum = 0;
#pragma unroll
  for (const auto& pair : pairs) {
    const f32x2 x = unpack_bf16(pair[0]);
    const f32x2 y = unpack_bf16(pair[1]);
    sum = multiply_add(x.x, y.x, sum);
    sum = multiply_add(x.y, y.y, sum);
  }
  return sum;
}

/// delta = rowsum(o dout) and log2 of the sum of exponentials to where tiles of 64 queries find
/// them, padding such that it has no weight; dq's sum becomes zeros. A grid of tiles of 64 rows,
/// heads and sequences.
template <int kQk>
__global__ void __launch_bounds__(kRowsThreads)
    attention_backward_pre(const __grid_constant__ BackwardPreArguments a) {
  const SequenceRows sequence = sequence_rows(a.offsets);
  const int first = static_cast<int>(blockIdx.x) * kPaddedRows;
  if (first >= sequence.length) return;
  const int head = static_cast<int>(blockIdx.y);
  const int lane = static_cast<int>(threadIdx.x) % kRowThreads;
  const std::int64_t padded = std::int64_t{head} * a.padded +
                              padded_row(sequence.offset, static_cast<int>(blockIdx.z)) + first;
#pragma unroll
  for (int i = 0; i < kPaddedRows; i += kRowsThreads / kRowThreads) {
    const int row = i + static_cast<int>(threadIdx.x) / kRowThreads;
    const bool exists = first + row < sequence.length;
    const std::int64_t token = std::int64_t{sequence.offset} + first + row;
    const std::int64_t line = token * a.heads + head;
    float delta = 0;
    if (exists) {
      const std::int64_t at = line * kValueWidth + lane * 8;
      delta = dot_chunk(ld_global_stream<u32x4>(a.o + at), ld_global_stream<u32x4>(a.dout + at));
#pragma unroll
      for (int j = 0; j < kQk / 4; j += kRowThreads) {
        st_global(a.dq_sum + line * kQk + (j + lane) * 4, f32x4{0, 0, 0, 0});
      }
    }
#pragma unroll
    for (int apart = kRowThreads / 2; apart > 0; apart /= 2) delta += shuffle_xor(delta, apart);
    if (lane != 0) continue;
    st_global(a.deltas + padded + row, delta);
    st_global(a.log_sums + padded + row,
              exists ? ld_global_nc<float>(a.lse + std::int64_t{head} * a.tokens + token) * kLog2E
                     : kInfinity);
  }
}

/// dq in BF16 of its sum, times the scale; `count` is a multiple of 8.
template <int kThreads>
__global__ void __launch_bounds__(kThreads)
    attention_backward_post(const float* sum, bf16* dq, std::int64_t count, float scale) {
  const std::int64_t at = (std::int64_t{blockIdx.x} * kThreads + threadIdx.x) * 8;
  if (at >= count) return;
  const f32x4 low = ld_global_stream<f32x4>(sum + at);
  const f32x4 high = ld_global_stream<f32x4>(sum + at + 4);
  st_global(
      dq + at,
      u32x4{pack_bf16(low.x * scale, low.y * scale), pack_bf16(low.z * scale, low.w * scale),
            pack_bf16(high.x * scale, high.y * scale), pack_bf16(high.z * scale, high.w * scale)});
}

/// Before the backward kernel, on the host's side.
template <int kQk>
LaunchReport launch_attention_backward_pre(Gpu& gpu, const AttentionCall& call,
                                           const AttentionGradients& gradients) {
  if (call.longest == 0) return {};
  const u32 tiles = static_cast<u32>((call.longest - 1) / kPaddedRows + 1);
  return launch(gpu, &attention_backward_pre<kQk>,
                {.kernel = "attention_backward_pre",
                 .grid = {tiles, static_cast<u32>(call.heads), static_cast<u32>(call.sequences)},
                 .block = {kRowsThreads}},
                BackwardPreArguments{.heads = call.heads,
                                     .tokens = call.tokens,
                                     .padded = padded_rows(call.tokens, call.sequences),
                                     .offsets = call.offsets,
                                     .o = call.o,
                                     .dout = gradients.dout,
                                     .lse = call.lse,
                                     .log_sums = gradients.log_sums,
                                     .deltas = gradients.deltas,
                                     .dq_sum = gradients.dq_sum});
}

/// And after it.
inline LaunchReport launch_attention_backward_post(Gpu& gpu, const AttentionCall& call,
                                                   const AttentionGradients& gradients) {
  const std::int64_t count = std::int64_t{call.tokens} * call.heads * call.qk;
  if (count == 0) return {};
  constexpr std::int64_t kPart = kRowsThreads * 8;
  return launch(gpu, &attention_backward_post<kRowsThreads>,
                {.kernel = "attention_backward_post",
                 .grid = {static_cast<u32>((count + kPart - 1) / kPart)},
                 .block = {kRowsThreads}},
                gradients.dq_sum, gradients.dq, count, call.scale);
}

}  // namespace windtunnel::device
