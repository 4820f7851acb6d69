// Cross-entropy of rows too long for registers (129280 logits): one CTA a row. Every thread keeps a
// running maximum and sum of exponentials, which the warps and then the CTA merge; a second walk
// over the row, which L2 still holds, puts the gradient in the logits' place.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/device/logarithms.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// logits[rows, columns] of a vocabulary's range from `first`, columns a multiple of 8;
/// targets[rows] count in the whole vocabulary. What the kernel writes depends on its kind.
struct LossArguments {
  bf16* logits = nullptr;
  const i32* targets = nullptr;
  float* loss = nullptr;           ///< [rows]
  f32x4* parts = nullptr;          ///< [rows]: largest, sum, the target's logit or 0, nothing
  const float* log_sum = nullptr;  ///< [rows], given for kGradient
  float scale = 0;                 ///< of the gradient
  int rows = 0;
  int columns = 0;
  int first = 0;
};

/// The whole vocabulary: the loss, or that and the gradient in place of the logits. One rank's
/// range of it: the part to be merged with other ranks', and the gradient when the sum is known.
enum class LossKind { kLoss, kLossAndGradient, kPart, kGradient };

/// Far below every BF16 logit's running maximum, and finite: a difference of two is 0, not NaN.
inline constexpr float kLowest = -3.4e38F;

struct RunningSum {
  float largest;
  float sum;
};

__device__ __forceinline__ float exp_of(float x) { return exp2_approx(x * kLog2E); }

__device__ __forceinline__ RunningSum merge(const RunningSum& a, const RunningSum& b) {
  const float largest = maximum(a.largest, b.largest);
  return {largest, a.sum * exp_of(a.largest - largest) + b.sum * exp_of(b.largest - largest)};
}

__device__ __forceinline__ RunningSum merge_lanes(RunningSum own) {
#pragma unroll
  for (int step = kWarpLanes / 2; step > 0; step /= 2) {
    own = merge(own, {shuffle_xor(own.largest, step), shuffle_xor(own.sum, step)});
  }
  return own;
}

template <int kThreads>
__device__ __forceinline__ RunningSum row_running_sum(const bf16* row, int columns) {
  RunningSum own{kLowest, 0};
  for (int column = static_cast<int>(threadIdx.x) * kVector; column < columns;
       column += kThreads * kVector) {
    float v[kVector];
    unpack(ld_global<u32x4>(row + column), v);
    float largest = own.largest;
#pragma unroll
    for (int i = 0; i < kVector; ++i) largest = maximum(largest, v[i]);
    own.sum *= exp_of(own.largest - largest);
    own.largest = largest;
#pragma unroll
    for (int i = 0; i < kVector; ++i) own.sum += exp_of(v[i] - largest);
  }
  return merge_lanes(own);
}

/// The row's running sum from those of its warps, in every thread. Every thread has read its part
/// of the row before any leaves: behind it the row may be overwritten.
template <int kThreads>
__device__ __forceinline__ RunningSum merge_warps(const RunningSum& own, int pass) {
  constexpr int kWarps = kThreads / kWarpLanes;
  // Two buffers, used by turns: see row_sums.
  const u32 buffer = shared_base() + static_cast<u32>(pass % 2 * kWarps * 8);
  if (lane_id() == 0) {
    st_shared(buffer + static_cast<u32>(warp_id()) * 8, f32x2{own.largest, own.sum});
  }
  syncthreads();
  RunningSum part{kLowest, 0};
  if (lane_id() < kWarps) {
    const f32x2 pair = ld_shared<f32x2>(buffer + static_cast<u32>(lane_id()) * 8);
    part = {pair.x, pair.y};
  }
  return merge_lanes(part);
}

/// scale (exp(x - log_sum) - 1 at the target), in place. `here` may lie outside the row.
template <int kThreads>
__device__ __forceinline__ void write_gradient(bf16* row, int columns, int here, float log_sum,
                                               float scale) {
  for (int column = static_cast<int>(threadIdx.x) * kVector; column < columns;
       column += kThreads * kVector) {
    float v[kVector];
    unpack(ld_global<u32x4>(row + column), v);
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      const float probability = exp_of(v[i] - log_sum);
      v[i] = scale * (column + i == here ? probability - 1.0F : probability);
    }
    st_global(row + column, pack(v));
  }
}

template <LossKind kKind, int kThreads>
__global__ void __launch_bounds__(kThreads) cross_entropy(LossArguments a) {
  int pass = 0;
  for (int r = static_cast<int>(blockIdx.x); r < a.rows; r += static_cast<int>(gridDim.x), ++pass) {
    bf16* row = a.logits + i64{r} * a.columns;
    const int here = ld_global_nc<i32>(a.targets + r) - a.first;
    if constexpr (kKind == LossKind::kGradient) {
      write_gradient<kThreads>(row, a.columns, here, ld_global_nc<float>(a.log_sum + r), a.scale);
    } else {
      // Before the barrier in merge_warps: behind it the logit may be its gradient already.
      const bool holds = 0 <= here && here < a.columns;
      float target = 0;
      if (threadIdx.x == 0 && holds) target = to_float(ld_global<bf16>(row + here));
      const RunningSum own = row_running_sum<kThreads>(row, a.columns);
      const RunningSum sum = merge_warps<kThreads>(own, pass);
      if constexpr (kKind == LossKind::kPart) {
        if (threadIdx.x == 0) st_global(a.parts + r, f32x4{sum.largest, sum.sum, target, 0});
      } else {
        const float log_sum = sum.largest + log2_approx(sum.sum) * kLn2;
        if (threadIdx.x == 0) st_global(a.loss + r, log_sum - target);
        if constexpr (kKind == LossKind::kLossAndGradient) {
          write_gradient<kThreads>(row, a.columns, here, log_sum, a.scale);
        }
      }
    }
  }
}

/// Threads of a row: enough for two walks' worth of loads in flight, one warp for the shortest.
template <LossKind kKind, int kThreads>
LaunchReport launch_cross_entropy(Gpu& gpu, const LossArguments& a, int sms) {
  if (a.columns % kVector != 0) return {.failure = "loss: columns must be a multiple of 8"};
  if (a.rows == 0) return {};
  const LaunchShape shape{.kernel = "cross_entropy",
                          .grid = {flat_grid(a.rows, 1, kThreads, sms)},
                          .block = {kThreads},
                          .shared_bytes = 2 * kThreads / kWarpLanes * 8};
  return launch(gpu, &cross_entropy<kKind, kThreads>, shape, a);
}

}  // namespace windtunnel::device
