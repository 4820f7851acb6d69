// One step of AdamW: FP32 master and gradient, BF16 moments, and the BF16 weight that the model
// computes with. Eight parameters a thread; what is left over goes one by one.
#pragma once

#include <cmath>

#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// All of `count` parameters. `mean_correction` is 1 / (1 - beta1^t) and `square_correction`
/// 1 / (1 - beta2^t) for step t from 1, made by the host in double.
struct AdamArguments {
  float* master = nullptr;
  const float* gradient = nullptr;
  bf16* mean = nullptr;
  bf16* square = nullptr;
  bf16* weight = nullptr;
  float rate = 0;
  float beta1 = 0;
  float beta2 = 0;
  float epsilon = 0;
  float decay = 0;
  float mean_correction = 0;
  float square_correction = 0;
  i64 count = 0;
};

/// With m = b1 m + (1 - b1) g and v = b2 v + (1 - b2) g^2:
///   w -= rate (m c1 / (sqrt(v c2) + epsilon) + decay w). The step uses m and v before they round.
__device__ __forceinline__ void adam_one(const AdamArguments& a, float g, float& w, float& m,
                                         float& v) {
  m = a.beta1 * m + (1.0F - a.beta1) * g;
  v = a.beta2 * v + (1.0F - a.beta2) * (g * g);
  const float root = std::sqrt(v * a.square_correction) + a.epsilon;
  w -= a.rate * (m * a.mean_correction / root + a.decay * w);
}

__device__ __forceinline__ void load_eight(const float* from, float (&values)[kVector]) {
#pragma unroll
  for (int i = 0; i < kVector; i += 4) {
    const f32x4 part = ld_global<f32x4>(from + i);
    values[i] = part.x;
    values[i + 1] = part.y;
    values[i + 2] = part.z;
    values[i + 3] = part.w;
  }
}

template <int kThreads>
__global__ void __launch_bounds__(kThreads) adam(AdamArguments a) {
  const i64 vectors = a.count / kVector;
  const i64 stride = i64{gridDim.x} * kThreads;
  const i64 first = i64{blockIdx.x} * kThreads + threadIdx.x;
  for (i64 item = first; item < vectors; item += stride) {
    const i64 at = item * kVector;
    float w[kVector];
    float g[kVector];
    float m[kVector];
    float v[kVector];
    load_eight(a.master + at, w);
    load_eight(a.gradient + at, g);
    unpack(ld_global<u32x4>(a.mean + at), m);
    unpack(ld_global<u32x4>(a.square + at), v);
#pragma unroll
    for (int i = 0; i < kVector; ++i) adam_one(a, g[i], w[i], m[i], v[i]);
    st_global(a.master + at, f32x4{w[0], w[1], w[2], w[3]});
    st_global(a.master + at + 4, f32x4{w[4], w[5], w[6], w[7]});
    st_global(a.mean + at, pack(m));
    st_global(a.square + at, pack(v));
    st_global(a.weight + at, pack(w));
  }
  const i64 rest = vectors * kVector + first;
  if (rest < a.count) {
    float w = ld_global<float>(a.master + rest);
    float m = to_float(ld_global<bf16>(a.mean + rest));
    float v = to_float(ld_global<bf16>(a.square + rest));
    adam_one(a, ld_global<float>(a.gradient + rest), w, m, v);
    st_global(a.master + rest, w);
    st_global(a.mean + rest, to_bf16(m));
    st_global(a.square + rest, to_bf16(v));
    st_global(a.weight + rest, to_bf16(w));
  }
}

inline LaunchReport launch_adam(Gpu& gpu, const AdamArguments& a, int sms) {
  if (a.count == 0) return {};
  constexpr int kThreads = 256;
  const i64 items = (a.count + kVector - 1) / kVector;
  const LaunchShape shape{
      .kernel = "adam", .grid = {flat_grid(items, kThreads, kThreads, sms)}, .block = {kThreads}};
  return launch(gpu, &adam<kThreads>, shape, a);
}

}  // namespace windtunnel::device
