// SwiGLU of [gate | up] and its gradient, in BF16 or quantised as it is written, with a routing
// weight for each row where there is one. Forward, half a warp takes 128 columns, as in
// ops/quantize.cuh; backward, a warp walks a row, because the weight's gradient is a sum over it.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/loss.cuh"

namespace windtunnel::device {

/// x[rows, 2 columns]; weights[rows] or nullptr; y[rows, columns], or codes and scales[rows,
/// ceil(columns / 128)]. columns a multiple of 8.
struct SwigluArguments {
  const bf16* x = nullptr;
  const float* weights = nullptr;
  bf16* y = nullptr;
  e4m3* codes = nullptr;
  float* scales = nullptr;
  int rows = 0;
  int columns = 0;
};

/// dy[rows, columns]; dx[rows, 2 columns], or codes and scales[rows, 2 columns / 128], for which
/// columns is a multiple of 128; dweights[rows] where there are weights. y, where it isn't nullptr,
/// is made again (recomputation in the backward pass).
struct SwigluBackwardArguments {
  const bf16* x = nullptr;
  const float* weights = nullptr;
  const bf16* dy = nullptr;
  bf16* dx = nullptr;
  e4m3* codes = nullptr;
  float* scales = nullptr;
  float* dweights = nullptr;
  bf16* y = nullptr;
  int rows = 0;
  int columns = 0;
};

inline constexpr int kSwigluThreads = 256;

__device__ __forceinline__ float sigmoid_of(float x) {
  return reciprocal_approx(1.0F + exp_of(-x));
}

template <Output kOutput>
__global__ void __launch_bounds__(kSwigluThreads) swiglu(SwigluArguments a) {
  constexpr int kBlocks = kSwigluThreads / kScaleLanes;
  const int across = (a.columns + kScaleBlock - 1) / kScaleBlock;
  const int blocks = a.rows * across;
  const int thread = static_cast<int>(threadIdx.x);
  const int stride = static_cast<int>(gridDim.x) * kBlocks;
  for (int first = static_cast<int>(blockIdx.x) * kBlocks; first < blocks; first += stride) {
    const int block = first + thread / kScaleLanes;
    const int row = block / across;
    const int column = block % across * kScaleBlock + thread % kScaleLanes * kVector;
    const bool inside = block < blocks && column < a.columns;
    float y[kVector] = {};
    if (inside) {
      const bf16* from = a.x + i64{row} * a.columns * 2 + column;
      float gate[kVector];
      float up[kVector];
      unpack(ld_global_stream<u32x4>(from), gate);
      unpack(ld_global_stream<u32x4>(from + a.columns), up);
      const float weight = a.weights != nullptr ? ld_global_nc<float>(a.weights + row) : 1.0F;
#pragma unroll
      for (int i = 0; i < kVector; ++i) y[i] = gate[i] * sigmoid_of(gate[i]) * up[i] * weight;
    }
    const i64 at = i64{row} * a.columns + column;
    if constexpr (kOutput == Output::kBf16) {
      if (inside) st_global(a.y + at, pack(y));
    } else {
      store_quantized<kOutput>(y, inside, a.codes + at, a.scales + block);
    }
  }
}

// With s = sigmoid(g) and h = dy w: dup = h g s, dgate = h u s (1 + g (1 - s)), dw = sum of dy g s
// u.
template <Output kOutput>
__global__ void __launch_bounds__(kSwigluThreads) swiglu_backward(SwigluBackwardArguments a) {
  constexpr int kWarps = kSwigluThreads / kWarpLanes;
  const int stride = static_cast<int>(gridDim.x) * kWarps;
  const int across = a.columns / kScaleBlock;
  for (int row0 = static_cast<int>(blockIdx.x) * kWarps; row0 < a.rows; row0 += stride) {
    const int row = row0 + warp_id();
    const bool weighted = a.weights != nullptr && row < a.rows;
    const float weight = weighted ? ld_global_nc<float>(a.weights + row) : 1.0F;
    const i64 wide = i64{row} * a.columns * 2;
    float dweight = 0;
    for (int first = 0; first < a.columns; first += kWarpLanes * kVector) {
      const int column = first + lane_id() * kVector;
      const bool inside = row < a.rows && column < a.columns;
      float dgate[kVector] = {};
      float dup[kVector] = {};
      if (inside) {
        float gate[kVector];
        float up[kVector];
        float dy[kVector];
        float y[kVector];
        unpack(ld_global_stream<u32x4>(a.x + wide + column), gate);
        unpack(ld_global_stream<u32x4>(a.x + wide + a.columns + column), up);
        unpack(ld_global_stream<u32x4>(a.dy + i64{row} * a.columns + column), dy);
#pragma unroll
        for (int i = 0; i < kVector; ++i) {
          const float s = sigmoid_of(gate[i]);
          const float h = dy[i] * weight;
          const float act = gate[i] * s;
          dup[i] = h * act;
          dgate[i] = h * up[i] * (s * (1.0F + gate[i] * (1.0F - s)));
          dweight += dy[i] * act * up[i];
          y[i] = act * up[i] * weight;
        }
        if (a.y != nullptr) st_global(a.y + i64{row} * a.columns + column, pack(y));
      }
      if constexpr (kOutput == Output::kBf16) {
        if (inside) st_global(a.dx + wide + column, pack(dgate));
        if (inside) st_global(a.dx + wide + a.columns + column, pack(dup));
      } else {
        float* scale = a.scales + i64{row} * across * 2 + column / kScaleBlock;
        store_quantized<kOutput>(dgate, inside, a.codes + wide + column, scale);
        store_quantized<kOutput>(dup, inside, a.codes + wide + a.columns + column, scale + across);
      }
    }
    if (a.dweights != nullptr) {
      dweight = lanes_sum<kWarpLanes>(dweight);
      if (lane_id() == 0 && row < a.rows) st_global(a.dweights + row, dweight);
    }
  }
}

template <Output kOutput>
LaunchReport launch_swiglu(Gpu& gpu, const SwigluArguments& a, int sms) {
  if (a.columns % kVector != 0) return {.failure = "swiglu: columns must be a multiple of 8"};
  if (a.rows == 0) return {};
  const i64 blocks = i64{a.rows} * ((a.columns + kScaleBlock - 1) / kScaleBlock);
  constexpr int kBlocks = kSwigluThreads / kScaleLanes;
  const LaunchShape shape{.kernel = "swiglu",
                          .grid = {flat_grid(blocks, kBlocks, kSwigluThreads, sms)},
                          .block = {kSwigluThreads}};
  return launch(gpu, &swiglu<kOutput>, shape, a);
}

template <Output kOutput>
LaunchReport launch_swiglu_backward(Gpu& gpu, const SwigluBackwardArguments& a, int sms) {
  if (a.columns % (kOutput == Output::kBf16 ? kVector : kScaleBlock) != 0) {
    return {.failure = "swiglu_backward: columns must be a multiple of 8, quantised of 128"};
  }
  if (a.rows == 0) return {};
  constexpr int kWarps = kSwigluThreads / kWarpLanes;
  const LaunchShape shape{.kernel = "swiglu_backward",
                          .grid = {flat_grid(a.rows, kWarps, kSwigluThreads, sms)},
                          .block = {kSwigluThreads}};
  return launch(gpu, &swiglu_backward<kOutput>, shape, a);
}

}  // namespace windtunnel::device
