// Embedding: rows of the table by token, 16 bytes a thread; and the gradient, FP32 atomics into the
// table's rows, since several tokens of a batch may be the same. In the gradient neighbouring lanes
// add to neighbouring addresses, which L2 takes a sector at a time.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// y[tokens, columns] = table[token[i], columns], columns a multiple of 8.
struct EmbedArguments {
  const bf16* table = nullptr;
  const i32* tokens = nullptr;
  bf16* y = nullptr;
  int count = 0;
  int columns = 0;
};

/// gradient[vocabulary, columns] += dy[count, columns] by token; columns a multiple of 2.
struct EmbedBackwardArguments {
  const bf16* dy = nullptr;
  const i32* tokens = nullptr;
  float* gradient = nullptr;
  int count = 0;
  int columns = 0;
};

template <int kThreads>
__global__ void __launch_bounds__(kThreads) embed(EmbedArguments a) {
  const int vectors = a.columns / kVector;
  const int items = a.count * vectors;
  const int stride = static_cast<int>(gridDim.x) * kThreads;
  for (int item = static_cast<int>(blockIdx.x * kThreads + threadIdx.x); item < items;
       item += stride) {
    const int row = item / vectors;
    const i64 token = ld_global_nc<i32>(a.tokens + row);
    const bf16* from = a.table + token * a.columns + item % vectors * kVector;
    st_global_stream(a.y + i64{item} * kVector, ld_global_stream<u32x4>(from));
  }
}

template <int kThreads>
__global__ void __launch_bounds__(kThreads) embed_backward(EmbedBackwardArguments a) {
  const int pairs = a.columns / 2;
  const int items = a.count * pairs;
  const int stride = static_cast<int>(gridDim.x) * kThreads;
  for (int item = static_cast<int>(blockIdx.x * kThreads + threadIdx.x); item < items;
       item += stride) {
    const i64 token = ld_global_nc<i32>(a.tokens + item / pairs);
    const f32x2 dy = unpack_bf16(ld_global_stream<u32>(a.dy + i64{item} * 2));
    float* to = a.gradient + token * a.columns + item % pairs * 2;
    red_add<Order::kRelaxed, Scope::kGpu>(to, dy.x);
    red_add<Order::kRelaxed, Scope::kGpu>(to + 1, dy.y);
  }
}

inline constexpr int kEmbedThreads = 256;

inline LaunchReport launch_embed(Gpu& gpu, const EmbedArguments& a, int sms) {
  if (a.columns % kVector != 0) return {.failure = "embed: columns must be a multiple of 8"};
  const i64 items = i64{a.count} * (a.columns / kVector);
  if (items == 0) return {};
  const LaunchShape shape{.kernel = "embed",
                          .grid = {flat_grid(items, kEmbedThreads, kEmbedThreads, sms)},
                          .block = {kEmbedThreads}};
  return launch(gpu, &embed<kEmbedThreads>, shape, a);
}

inline LaunchReport launch_embed_backward(Gpu& gpu, const EmbedBackwardArguments& a, int sms) {
  if (a.columns % 2 != 0) return {.failure = "embed_backward: columns must be a multiple of 2"};
  const i64 items = i64{a.count} * (a.columns / 2);
  if (items == 0) return {};
  const LaunchShape shape{.kernel = "embed_backward",
                          .grid = {flat_grid(items, kEmbedThreads, kEmbedThreads, sms)},
                          .block = {kEmbedThreads}};
  return launch(gpu, &embed_backward<kEmbedThreads>, shape, a);
}

}  // namespace windtunnel::device
