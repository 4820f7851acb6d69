// RMSNorm of each row, with the residual addition before it and quantisation after it fused in
// where asked, and its gradient. A row is held in registers as packed BF16 between its two uses: it
// is read once. dgamma is a sum over rows: each group of threads keeps a partial sum of the rows it
// walked, and a second kernel adds the partial sums, in the same order every time.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/plan.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// x, residual, stream, y, codes [rows, columns], gamma[columns], scales[rows, ceil(columns /
/// 128)]. Without a residual (nullptr) there is no stream; y or codes and scales by the output
/// asked for.
struct RmsNormArguments {
  const bf16* x = nullptr;
  const bf16* residual = nullptr;
  const bf16* gamma = nullptr;
  bf16* stream = nullptr;
  bf16* y = nullptr;
  e4m3* codes = nullptr;
  float* scales = nullptr;
  float epsilon = 0;
  int rows = 0;
  int columns = 0;
};

/// Vectors of a row that a thread holds: backward that is x, dy and a sum of dgamma, and 64
/// registers are all that 1024 threads may have.
inline constexpr int kNormSteps = 2;

/// `threads` share a row; `share` is 1 / columns.
template <bool kResidual, Output kOutput>
__global__ void __launch_bounds__(1024, 1) rms_norm(RmsNormArguments a, int threads, float share) {
  const RowGroup group = row_group(threads);
  const int rows_a_block = static_cast<int>(blockDim.x) / threads;
  const int across = (a.columns + kScaleBlock - 1) / kScaleBlock;
  const auto column_of = [&](int step) { return (step * threads + group.thread) * kVector; };
  int pass = 0;
  for (int first = static_cast<int>(blockIdx.x) * rows_a_block; first < a.rows;
       first += static_cast<int>(gridDim.x) * rows_a_block, ++pass) {
    const int row = first + group.row;
    u32x4 held[kNormSteps] = {};
    float squares[1] = {0};
#pragma unroll
    for (int step = 0; step < kNormSteps; ++step) {
      if (row >= a.rows || column_of(step) >= a.columns) continue;
      const i64 at = i64{row} * a.columns + column_of(step);
      held[step] = ld_global_stream<u32x4>(a.x + at);
      float v[kVector];
      unpack(held[step], v);
      if constexpr (kResidual) {
        float other[kVector];
        unpack(ld_global_stream<u32x4>(a.residual + at), other);
#pragma unroll
        for (int i = 0; i < kVector; ++i) v[i] += other[i];
        // The norm is that of the stream as it is stored.
        held[step] = pack(v);
        unpack(held[step], v);
        st_global(a.stream + at, held[step]);
      }
#pragma unroll
      for (int i = 0; i < kVector; ++i) squares[0] += v[i] * v[i];
    }
    row_sums(squares, group, pass);
    const float r = rsqrt_approx(squares[0] * share + a.epsilon);
#pragma unroll
    for (int step = 0; step < kNormSteps; ++step) {
      const int column = column_of(step);
      // Threads beyond the row take part in the shuffles of quantisation, with zeros.
      const bool inside = row < a.rows && column < a.columns;
      if (kOutput == Output::kBf16 && !inside) continue;
      const i64 at = i64{row} * a.columns + column;
      float v[kVector];
      unpack(held[step], v);
      float gamma[kVector] = {};
      if (inside) unpack(ld_global_nc<u32x4>(a.gamma + column), gamma);
#pragma unroll
      for (int i = 0; i < kVector; ++i) v[i] = v[i] * r * gamma[i];
      if constexpr (kOutput == Output::kBf16) {
        st_global(a.y + at, pack(v));
      } else {
        store_quantized<kOutput>(v, inside, a.codes + at,
                                 a.scales + i64{row} * across + column / kScaleBlock);
      }
    }
  }
}

/// x, dy, dx [rows, columns], gamma[columns]; partial[rms_norm_partials(...), columns] is scratch.
struct RmsNormBackwardArguments {
  const bf16* x = nullptr;
  const bf16* gamma = nullptr;
  const bf16* dy = nullptr;
  bf16* dx = nullptr;
  float* partial = nullptr;
  float epsilon = 0;
  int rows = 0;
  int columns = 0;
};

// With s = sum of x^2 and t = sum of dy gamma x: r = 1 / sqrt(s / n + epsilon),
//   dx = r (dy gamma - x r (r t / n)),   dgamma = sum over rows of dy x r.
template <int kSteps>
__global__ void __launch_bounds__(1024)
    rms_norm_backward(RmsNormBackwardArguments a, int threads, float share) {
  const RowGroup group = row_group(threads);
  const int rows_a_block = static_cast<int>(blockDim.x) / threads;
  const auto column_of = [&](int step) { return (step * threads + group.thread) * kVector; };
  float dgamma[kSteps][kVector] = {};
  int pass = 0;
  for (int first = static_cast<int>(blockIdx.x) * rows_a_block; first < a.rows;
       first += static_cast<int>(gridDim.x) * rows_a_block, ++pass) {
    const int row = first + group.row;
    u32x4 held_x[kSteps] = {};
    u32x4 held_dy[kSteps] = {};
    float sums[2] = {0, 0};
#pragma unroll
    for (int step = 0; step < kSteps; ++step) {
      if (row >= a.rows || column_of(step) >= a.columns) continue;
      const i64 at = i64{row} * a.columns + column_of(step);
      held_x[step] = ld_global_stream<u32x4>(a.x + at);
      held_dy[step] = ld_global_stream<u32x4>(a.dy + at);
      float x[kVector];
      float dy[kVector];
      float gamma[kVector];
      unpack(held_x[step], x);
      unpack(held_dy[step], dy);
      unpack(ld_global_nc<u32x4>(a.gamma + column_of(step)), gamma);
#pragma unroll
      for (int i = 0; i < kVector; ++i) {
        sums[0] += x[i] * x[i];
        sums[1] += dy[i] * gamma[i] * x[i];
      }
    }
    row_sums(sums, group, pass);
    const float r = rsqrt_approx(sums[0] * share + a.epsilon);
    const float mean = sums[1] * r * share;
#pragma unroll
    for (int step = 0; step < kSteps; ++step) {
      if (row >= a.rows || column_of(step) >= a.columns) continue;
      float x[kVector];
      float dy[kVector];
      float gamma[kVector];
      unpack(held_x[step], x);
      unpack(held_dy[step], dy);
      unpack(ld_global_nc<u32x4>(a.gamma + column_of(step)), gamma);
      float dx[kVector];
#pragma unroll
      for (int i = 0; i < kVector; ++i) {
        const float z = x[i] * r;
        dx[i] = r * (dy[i] * gamma[i] - z * mean);
        dgamma[step][i] += dy[i] * z;
      }
      st_global(a.dx + i64{row} * a.columns + column_of(step), pack(dx));
    }
  }
  const int part = static_cast<int>(blockIdx.x) * rows_a_block + group.row;
#pragma unroll
  for (int step = 0; step < kSteps; ++step) {
    if (column_of(step) >= a.columns) continue;
    float* to = a.partial + i64{part} * a.columns + column_of(step);
    st_global(to, f32x4{dgamma[step][0], dgamma[step][1], dgamma[step][2], dgamma[step][3]});
    st_global(to + 4, f32x4{dgamma[step][4], dgamma[step][5], dgamma[step][6], dgamma[step][7]});
  }
}

/// sum[columns] of partial[parts, columns]: a block takes 32 columns, each of its warps every
/// kWarps-th part.
template <int kWarps>
__global__ void __launch_bounds__(kWarps * 32)
    sum_parts(const float* partial, float* sum, int parts, int columns) {
  const int column = static_cast<int>(blockIdx.x) * 32 + lane_id();
  float own = 0;
  for (int part = warp_id(); part < parts; part += kWarps) {
    if (column < columns) own += ld_global_nc<float>(partial + i64{part} * columns + column);
  }
  const u32 base = shared_base();
  st_shared(base + 4 * threadIdx.x, own);
  syncthreads();
  if (warp_id() != 0 || column >= columns) return;
#pragma unroll
  for (int warp = 1; warp < kWarps; ++warp) {
    own += ld_shared<float>(base + static_cast<u32>(warp * 32 + lane_id()) * 4);
  }
  st_global(sum + column, own);
}

inline LaunchShape rms_norm_shape(const char* kernel, const RowPlan& plan, u32 shared_bytes) {
  return {.kernel = kernel,
          .grid = {static_cast<u32>(plan.grid)},
          .block = {static_cast<u32>(plan.threads * plan.rows_a_block)},
          .shared_bytes = shared_bytes};
}

inline RowPlan rms_norm_plan(int rows, int columns, int sms) {
  return plan_rows({.rows = rows, .columns = columns, .element = 2}, sms, kNormSteps * kVector);
}

/// Rows of the scratch of partial sums.
inline int rms_norm_partials(int rows, int columns, int sms) {
  const RowPlan plan = rms_norm_plan(rows, columns, sms);
  return static_cast<int>(plan.grid) * plan.rows_a_block;
}

template <Output kOutput>
LaunchReport launch_rms_norm(Gpu& gpu, const RmsNormArguments& a, int sms) {
  const RowPlan plan = rms_norm_plan(a.rows, a.columns, sms);
  if (plan.vector != kVector || plan.steps > kNormSteps) {
    return {.failure = "rms_norm: columns must be a multiple of 8, 16384 at most"};
  }
  if (a.rows == 0) return {};
  const LaunchShape shape = rms_norm_shape("rms_norm", plan, row_sums_bytes<1>());
  return a.residual != nullptr ? launch(gpu, &rms_norm<true, kOutput>, shape, a, plan.threads,
                                        1.0F / static_cast<float>(a.columns))
                               : launch(gpu, &rms_norm<false, kOutput>, shape, a, plan.threads,
                                        1.0F / static_cast<float>(a.columns));
}

/// dx and the partial sums of dgamma.
inline LaunchReport launch_rms_norm_backward(Gpu& gpu, const RmsNormBackwardArguments& a, int sms) {
  const RowPlan plan = rms_norm_plan(a.rows, a.columns, sms);
  if (plan.vector != kVector || plan.steps > kNormSteps) {
    return {.failure = "rms_norm_backward: columns must be a multiple of 8, 16384 at most"};
  }
  if (a.rows == 0) return {};
  const LaunchShape shape = rms_norm_shape("rms_norm_backward", plan, row_sums_bytes<2>());
  return launch(gpu, &rms_norm_backward<kNormSteps>, shape, a, plan.threads,
                1.0F / static_cast<float>(a.columns));
}

/// dgamma from `parts` partial sums; 0 of them give zeros.
inline LaunchReport launch_sum_parts(Gpu& gpu, const float* partial, float* sum, int parts,
                                     int columns) {
  constexpr int kWarps = 8;
  const LaunchShape shape{.kernel = "sum_parts",
                          .grid = {static_cast<u32>((columns + 31) / 32)},
                          .block = {kWarps * 32},
                          .shared_bytes = kWarps * 32 * 4};
  return launch(gpu, &sum_parts<kWarps>, shape, partial, sum, parts, columns);
}

}  // namespace windtunnel::device
