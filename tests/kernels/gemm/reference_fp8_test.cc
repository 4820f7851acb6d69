#include <gtest/gtest.h>

#include "kernels/gemm/reference.h"
#include "kernels/testing/data.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

Quantized activations(std::int64_t rows, std::int64_t k, Pattern pattern) {
  return quantize(generate::values(rows, k, pattern, kBf16, 1), kActivationBlock,
                  ScaleKind::kExact);
}

TEST(Fp8Accumulation, OneStepLosesThirtyThreeUnitsOfItsLargestProduct) {
  // Codes 448 of one block in a row; both scales 1 / 448: products of 1.
  Matrix x = zeros(1, 32);
  x(0, 4) = 1;
  const Quantized q = quantize(x, kActivationBlock, ScaleKind::kExact);
  EXPECT_NEAR(fp8_accumulation_loss(q, q)(0, 0), 33 * 0x1p-13, 1e-12);
}

TEST(Fp8Accumulation, ZerosLoseNothing) {
  const Quantized zero = activations(2, 300, Pattern::kZeros);
  EXPECT_EQ(fp8_accumulation_loss(zero, zero), zeros(2, 2));
}

TEST(Fp8Accumulation, RandomDataLosesTenTimesLessThanTheBoundWithoutSizes) {
  const Quantized a = activations(4, 512, Pattern::kUniform);
  const Quantized b = activations(6, 512, Pattern::kCancelling);
  const Matrix loss = fp8_accumulation_loss(a, b);
  const Sum c = gemm(dequantize(a), dequantize(b));
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t j = 0; j < 6; ++j) {
      EXPECT_GT(loss(i, j), 0);
      EXPECT_LT(loss(i, j), 132 * 0x1p-13 * c.magnitude(i, j) / 5);
    }
  }
}

TEST(Fp8Accumulation, WeightScalesBelongToBlocksOfRows) {
  Matrix w = zeros(130, 128);
  w(0, 0) = 1;
  w(129, 0) = 16;
  const Quantized weights = quantize(w, kWeightBlock, ScaleKind::kExact);
  Matrix x = zeros(1, 128);
  x(0, 0) = 1;
  const Quantized a = quantize(x, kActivationBlock, ScaleKind::kExact);
  const Matrix loss = fp8_accumulation_loss(a, weights);
  // One product in the first step, and the accumulator of that size in the three that follow.
  EXPECT_NEAR(loss(0, 129), 16 * loss(0, 0), 1e-12);
  EXPECT_GT(loss(0, 0), 4 * 33 * 0x1p-13);
}

}  // namespace
}  // namespace windtunnel::reference
