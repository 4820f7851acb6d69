// Decoding from a cache in FP8 on the model of Hopper, every seed of schedule and landing times.
#include "kernels/mla/decode_fp8_sm90.cuh"

#include <cstring>

#include "kernels/mla/combine.cuh"
#include "tests/kernels/mla/decode_case.h"

namespace windtunnel::device {
namespace {

struct Fp8Step {
  DecodeStep step;
  std::vector<u8> cache;
};

/// Scales of neighbouring tokens and blocks differ.
Fp8Step fp8_step(std::vector<std::int32_t> lengths, int queries, int heads, int share) {
  Fp8Step it{decode_step(std::move(lengths), queries, heads, share), {}};
  Matrix& cache = it.step.cache;
  Matrix latent = zeros(cache.rows, kDecodeLatent);
  for (std::int64_t i = 0; i < cache.rows; ++i) {
    for (std::int64_t j = 0; j < kDecodeLatent; ++j) {
      const double value = std::isnan(cache(i, j)) ? 0 : cache(i, j);
      latent(i, j) = std::ldexp(value, -static_cast<int>((i + j / 128) % 3));
    }
  }
  const reference::Quantized q =
      reference::quantize(latent, reference::kActivationBlock, reference::ScaleKind::kPowerOfTwo);
  const Matrix values = reference::dequantize(q);
  it.cache.resize(static_cast<std::size_t>(cache.rows * kFp8TokenBytes));
  for (std::int64_t i = 0; i < cache.rows; ++i) {
    u8* token = it.cache.data() + i * kFp8TokenBytes;
    for (std::int64_t j = 0; j < kDecodeLatent; ++j) {
      if (!std::isnan(cache(i, j))) cache(i, j) = values(i, j);
      token[j] = e4m3_code(q.codes(i, j));
    }
    for (std::int64_t j = 0; j < kDecodeLatent / 128; ++j) {
      const auto scale = static_cast<float>(q.scales(i, j));
      std::memcpy(token + kDecodeLatent + 4 * j, &scale, sizeof scale);
    }
    for (std::int64_t j = kDecodeLatent; j < kDecodeWidth; ++j) {
      const std::uint16_t code = bf16_code(cache(i, j));
      std::memcpy(token + kFp8TokenBytes - kRotaryBytes + 2 * (j - kDecodeLatent), &code,
                  sizeof code);
    }
  }
  it.step.want = reference_of(it.step);
  return it;
}

/// Tokens that are nobody's are undefined: reading one is what the model has against a kernel.
void undefine(Gpu& gpu, const Fp8Step& it, const Buffer<u8>& cache) {
  for (std::int64_t i = 0; i < it.step.cache.rows; ++i) {
    if (!std::isnan(it.step.cache(i, 0))) continue;
    gpu.define(cache.data() + i * kFp8TokenBytes, kFp8TokenBytes, false);
  }
}

void expect_right(const Fp8Step& it, std::uint64_t count) {
  expect_step(it.step, kPageTokens, count, [&](Gpu& gpu, DecodeCall call) {
    const Buffer<u8> cache(gpu, it.cache, "fp8_cache");
    undefine(gpu, it, cache);
    call.cache = cache.data();
    const LaunchReport decoded = launch_decode_fp8_sm90(gpu, it.step.plan, call);
    return decoded.ok() ? launch_combine(gpu, it.step.plan, call).failure : decoded.failure;
  });
}

TEST(DecodeFp8Sm90, OneBlockTakesRequestsOfEveryLength) {
  expect_right(fp8_step({65, 0, 1}, 1, 16, 100), kAllSeeds);
}

TEST(DecodeFp8Sm90, PartsAreMerged) {
  expect_right(fp8_step({65}, 2, 32, kPieceCost + 1), kFewSeeds);
}

// Every code, normal or not, times scales from one end to the other.
TEST(DecodeFp8Sm90, PairsOfCodesAreTheirValues) {
  for (u32 code = 0; code < 256; ++code) {
    if ((code & 0x7fU) == 0x7fU) continue;
    for (const float scale : {0x1p-100F, 0x1p-8F, 64.0F}) {
      const u32 other = 255 - code == 0x7fU || 255 - code == 0xffU ? 0 : 255 - code;
      const f32x2 got = unpack_bf16(DecodeFp8Sm90::pair(code | other << 8, scale * 0x1p120F));
      EXPECT_EQ(got.x, to_float(e4m3{static_cast<u8>(code)}) * scale);
      EXPECT_EQ(got.y, to_float(e4m3{static_cast<u8>(other)}) * scale);
    }
  }
}

}  // namespace
}  // namespace windtunnel::device
