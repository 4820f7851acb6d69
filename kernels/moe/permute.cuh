// Rows of tokens to rows in expert order and back, with the gradient of the way back (the gradient
// of the way there is the way back without weights). A row is 16-byte vectors; the slots of kernels
// come from slots.cuh.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// y[slot] = x[pair / top_k], zeros where a slot has no pair, for the slots before *slot_count.
/// Rows of `row_bytes` (a multiple of 16), and beside them `scales` FP32 values a row, or 0.
struct PermuteArguments {
  const void* x = nullptr;
  const float* x_scales = nullptr;
  void* y = nullptr;
  float* y_scales = nullptr;
  const i32* slot_pairs = nullptr;
  const i32* slot_count = nullptr;
  int row_bytes = 0;
  int scales = 0;
  int top_k = 0;
};

/// y[token] = sum over choices of weight x[slot]; x[slots, columns], slots and weights [tokens,
/// top_k]; no weights (nullptr) are ones. columns a multiple of 8.
struct UnpermuteArguments {
  const bf16* x = nullptr;
  const i32* slots = nullptr;
  const float* weights = nullptr;
  bf16* y = nullptr;
  int tokens = 0;
  int top_k = 0;
  int columns = 0;
};

/// dx[slot] = weight dy[token], zeros in padding; dweights[tokens, top_k] = dy . x[slot], 0 where a
/// pair has no slot.
struct UnpermuteBackwardArguments {
  const bf16* x = nullptr;
  const i32* slots = nullptr;
  const i32* slot_pairs = nullptr;
  const i32* slot_count = nullptr;
  const float* weights = nullptr;
  const bf16* dy = nullptr;
  bf16* dx = nullptr;
  float* dweights = nullptr;
  int tokens = 0;
  int top_k = 0;
  int columns = 0;
};

inline constexpr int kPermuteWarps = 4;
inline constexpr int kPermuteThreads = kPermuteWarps * kWarpLanes;

/// A warp a row, four vectors a lane in flight.
template <int kUnroll>
__global__ void __launch_bounds__(kPermuteThreads) permute(PermuteArguments a) {
  const int vectors = a.row_bytes / 16;
  const int count = ld_global_nc<i32>(a.slot_count);
  const int stride = static_cast<int>(gridDim.x) * kPermuteWarps;
  for (int slot = static_cast<int>(blockIdx.x) * kPermuteWarps + warp_id(); slot < count;
       slot += stride) {
    const i32 pair = ld_global_nc<i32>(a.slot_pairs + slot);
    const i64 token = pair / a.top_k;
    const u32x4* from = static_cast<const u32x4*>(a.x) + token * vectors;
    u32x4* to = static_cast<u32x4*>(a.y) + i64{slot} * vectors;
    for (int first = lane_id(); first < vectors; first += kWarpLanes * kUnroll) {
      u32x4 held[kUnroll] = {};
#pragma unroll
      for (int i = 0; i < kUnroll; ++i) {
        const int at = first + i * kWarpLanes;
        if (pair >= 0 && at < vectors) held[i] = ld_global_nc<u32x4>(from + at);
      }
#pragma unroll
      for (int i = 0; i < kUnroll; ++i) {
        const int at = first + i * kWarpLanes;
        if (at < vectors) st_global_stream(to + at, held[i]);
      }
    }
    for (int at = lane_id(); at < a.scales; at += kWarpLanes) {
      const float scale = pair >= 0 ? ld_global_nc<float>(a.x_scales + token * a.scales + at) : 0;
      st_global(a.y_scales + i64{slot} * a.scales + at, scale);
    }
  }
}

/// A thread sums eight columns of a token, four choices' loads in flight.
template <int kThreads>
__global__ void __launch_bounds__(kThreads) unpermute(UnpermuteArguments a) {
  constexpr int kChoices = 4;
  const int vectors = a.columns / kVector;
  const int items = a.tokens * vectors;
  const int stride = static_cast<int>(gridDim.x) * kThreads;
  for (int item = static_cast<int>(blockIdx.x * kThreads + threadIdx.x); item < items;
       item += stride) {
    const int token = item / vectors;
    const int column = item % vectors * kVector;
    float sum[kVector] = {};
    for (int choice = 0; choice < a.top_k; choice += kChoices) {
      u32x4 held[kChoices] = {};
      float weight[kChoices] = {};
#pragma unroll
      for (int i = 0; i < kChoices; ++i) {
        if (choice + i >= a.top_k) continue;
        const int pair = token * a.top_k + choice + i;
        const i64 slot = ld_global_nc<i32>(a.slots + pair);
        if (slot < 0) continue;
        weight[i] = a.weights != nullptr ? ld_global_nc<float>(a.weights + pair) : 1.0F;
        held[i] = ld_global_stream<u32x4>(a.x + slot * a.columns + column);
      }
#pragma unroll
      for (int i = 0; i < kChoices; ++i) {
        float v[kVector];
        unpack(held[i], v);
#pragma unroll
        for (int j = 0; j < kVector; ++j) sum[j] += weight[i] * v[j];
      }
    }
    st_global(a.y + i64{item} * kVector, pack(sum));
  }
}

/// A warp a pair, and for the zeros a warp a slot. Pairs of a token are neighbours, so dy is read
/// from memory once.
template <int kWarps>
__global__ void __launch_bounds__(kWarps * 32) unpermute_backward(UnpermuteBackwardArguments a) {
  const int block = static_cast<int>(blockIdx.x) * kWarps;
  const int stride = static_cast<int>(gridDim.x) * kWarps;
  const int pairs = a.tokens * a.top_k;
  for (int first = block; first < pairs; first += stride) {
    const int pair = first + warp_id();
    const i64 slot = pair < pairs ? ld_global_nc<i32>(a.slots + pair) : -1;
    const float weight = slot >= 0 ? ld_global_nc<float>(a.weights + pair) : 0;
    const bf16* dy = a.dy + i64{pair / a.top_k} * a.columns;
    float dot = 0;
    if (slot >= 0) {
      for (int column = lane_id() * kVector; column < a.columns; column += kWarpLanes * kVector) {
        float gradient[kVector];
        float x[kVector];
        unpack(ld_global_nc<u32x4>(dy + column), gradient);
        unpack(ld_global_stream<u32x4>(a.x + slot * a.columns + column), x);
#pragma unroll
        for (int i = 0; i < kVector; ++i) {
          dot += gradient[i] * x[i];
          gradient[i] *= weight;
        }
        st_global_stream(a.dx + slot * a.columns + column, pack(gradient));
      }
    }
    dot = lanes_sum<kWarpLanes>(dot);
    if (lane_id() == 0 && pair < pairs) st_global(a.dweights + pair, dot);
  }
  const int count = ld_global_nc<i32>(a.slot_count);
  for (int slot = block + warp_id(); slot < count; slot += stride) {
    if (ld_global_nc<i32>(a.slot_pairs + slot) >= 0) continue;
    for (int column = lane_id() * kVector; column < a.columns; column += kWarpLanes * kVector) {
      st_global_stream(a.dx + i64{slot} * a.columns + column, u32x4{0, 0, 0, 0});
    }
  }
}

/// `slots` is how many there may be: their number is known on the device only.
inline LaunchReport launch_permute(Gpu& gpu, const PermuteArguments& a, int slots, int sms) {
  if (a.row_bytes % 16 != 0) return {.failure = "permute: rows must be a multiple of 16 bytes"};
  if (slots == 0) return {};
  const LaunchShape shape{.kernel = "permute",
                          .grid = {flat_grid(slots, kPermuteWarps, kPermuteThreads, sms)},
                          .block = {kPermuteThreads}};
  return launch(gpu, &permute<4>, shape, a);
}

inline LaunchReport launch_unpermute(Gpu& gpu, const UnpermuteArguments& a, int sms) {
  if (a.columns % kVector != 0) return {.failure = "unpermute: columns must be a multiple of 8"};
  const i64 items = i64{a.tokens} * (a.columns / kVector);
  if (items == 0) return {};
  const LaunchShape shape{.kernel = "unpermute",
                          .grid = {flat_grid(items, kPermuteThreads, kPermuteThreads, sms)},
                          .block = {kPermuteThreads}};
  return launch(gpu, &unpermute<kPermuteThreads>, shape, a);
}

inline LaunchReport launch_unpermute_backward(Gpu& gpu, const UnpermuteBackwardArguments& a,
                                              int slots, int sms) {
  if (a.columns % kVector != 0) {
    return {.failure = "unpermute_backward: columns must be a multiple of 8"};
  }
  const i64 items = std::max(i64{a.tokens} * a.top_k, i64{slots});
  if (items == 0) return {};
  const LaunchShape shape{.kernel = "unpermute_backward",
                          .grid = {flat_grid(items, kPermuteWarps, kPermuteThreads, sms)},
                          .block = {kPermuteThreads}};
  return launch(gpu, &unpermute_backward<kPermuteWarps>, shape, a);
}

}  // namespace windtunnel::device
