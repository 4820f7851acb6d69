// BF16 to e4m3 with a scale for each 1 x 128, and back. Half a warp holds a block of 128 columns,
// 16 bytes a lane; nothing is kept between blocks, so half-warps walk all blocks of the matrix.
//
// Here and elsewhere a loop around shuffles has a bound that all threads share, and what is left
// over is masked inside: ptxas then knows the warp to be whole and calls no helper for sm_80.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// x[rows, columns], columns a multiple of 8; codes of the same shape, scales[rows, ceil(columns /
/// 128)].
struct QuantizeArguments {
  const bf16* x = nullptr;
  e4m3* codes = nullptr;
  float* scales = nullptr;
  int rows = 0;
  int columns = 0;
};

inline constexpr int kQuantizeThreads = 256;

template <Output kOutput>
__global__ void __launch_bounds__(kQuantizeThreads) quantize(QuantizeArguments a) {
  constexpr int kBlocks = kQuantizeThreads / kScaleLanes;
  const int across = (a.columns + kScaleBlock - 1) / kScaleBlock;
  const int blocks = a.rows * across;
  const int thread = static_cast<int>(threadIdx.x);
  const int stride = static_cast<int>(gridDim.x) * kBlocks;
  for (int first = static_cast<int>(blockIdx.x) * kBlocks; first < blocks; first += stride) {
    const int block = first + thread / kScaleLanes;
    const int row = block / across;
    const int column = block % across * kScaleBlock + thread % kScaleLanes * kVector;
    const bool inside = block < blocks && column < a.columns;
    const i64 at = i64{row} * a.columns + column;
    float values[kVector] = {};
    if (inside) unpack(ld_global_stream<u32x4>(a.x + at), values);
    store_quantized<kOutput>(values, inside, a.codes + at, a.scales + block);
  }
}

/// codes[rows, columns] and scales[rows, ceil(columns / 128)] to y, columns a multiple of 16.
struct DequantizeArguments {
  const e4m3* codes = nullptr;
  const float* scales = nullptr;
  bf16* y = nullptr;
  int rows = 0;
  int columns = 0;
};

template <int kThreads>
__global__ void __launch_bounds__(kThreads) dequantize(DequantizeArguments a) {
  constexpr int kCodes = 16;
  const int vectors = a.columns / kCodes;
  const int across = (a.columns + kScaleBlock - 1) / kScaleBlock;
  const int items = a.rows * vectors;
  const int stride = static_cast<int>(gridDim.x) * kThreads;
  for (int item = static_cast<int>(blockIdx.x * kThreads + threadIdx.x); item < items;
       item += stride) {
    const int row = item / vectors;
    const int column = item % vectors * kCodes;
    const u32x4 bits = ld_global_stream<u32x4>(a.codes + i64{item} * kCodes);
    const float scale = ld_global_nc<float>(a.scales + i64{row} * across + column / kScaleBlock);
    const u32 words[4] = {bits.x, bits.y, bits.z, bits.w};
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float values[kVector];
#pragma unroll
      for (int i = 0; i < kVector; ++i) {
        const u32 word = words[half * 2 + i / 4];
        values[i] = to_float(e4m3{static_cast<u8>(word >> (i % 4 * 8))}) * scale;
      }
      st_global(a.y + i64{item} * kCodes + half * kVector, pack(values));
    }
  }
}

inline LaunchReport launch_quantize(Gpu& gpu, const QuantizeArguments& a, Output output, int sms) {
  if (a.columns % kVector != 0) return {.failure = "quantize: columns must be a multiple of 8"};
  if (a.rows == 0) return {};
  constexpr int kBlocks = kQuantizeThreads / kScaleLanes;
  const i64 blocks = i64{a.rows} * ((a.columns + kScaleBlock - 1) / kScaleBlock);
  const LaunchShape shape{.kernel = "quantize",
                          .grid = {flat_grid(blocks, kBlocks, kQuantizeThreads, sms)},
                          .block = {kQuantizeThreads}};
  return output == Output::kExactScale ? launch(gpu, &quantize<Output::kExactScale>, shape, a)
                                       : launch(gpu, &quantize<Output::kPowerOfTwoScale>, shape, a);
}

inline LaunchReport launch_dequantize(Gpu& gpu, const DequantizeArguments& a, int sms) {
  if (a.columns % 16 != 0) return {.failure = "dequantize: columns must be a multiple of 16"};
  if (a.rows == 0) return {};
  constexpr int kThreads = 256;
  const LaunchShape shape{
      .kernel = "dequantize",
      .grid = {flat_grid(i64{a.rows} * a.columns / 16, kThreads, kThreads, sms)},
      .block = {kThreads}};
  return launch(gpu, &dequantize<kThreads>, shape, a);
}

}  // namespace windtunnel::device
