#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "kernels/ops/reference.h"
#include "kernels/testing/data.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

constexpr ScaleKind kKinds[] = {ScaleKind::kExact, ScaleKind::kPowerOfTwo};
constexpr Block kBlocks[] = {kActivationBlock, kWeightBlock};

TEST(Quantize, TheLargestOfABlockBecomes448) {
  Matrix x = zeros(1, 256);
  x(0, 3) = -7;
  x(0, 200) = 3.5;
  const Quantized q = quantize(x, kActivationBlock, ScaleKind::kExact);
  EXPECT_EQ(q.codes(0, 3), -448);
  EXPECT_EQ(q.codes(0, 200), 448);
  EXPECT_EQ(q.scales.values, (std::vector<double>{7 / 448.0, 3.5 / 448.0}));
}

TEST(Quantize, ZerosGetTheSmallestNormalScaleAndGiveZerosBack) {
  for (const ScaleKind kind : kKinds) {
    const Quantized q = quantize(zeros(3, 130), kActivationBlock, kind);
    EXPECT_EQ(q.codes, zeros(3, 130));
    for (const double scale : q.scales.values) EXPECT_EQ(scale, 0x1p-126);
    EXPECT_EQ(dequantize(q), zeros(3, 130));
  }
}

TEST(Quantize, PowerOfTwoScalesAreTheSmallestThatHoldTheBlock) {
  EXPECT_EQ(block_scale(448, ScaleKind::kPowerOfTwo), 1);
  EXPECT_EQ(block_scale(448.5, ScaleKind::kPowerOfTwo), 2);
  EXPECT_EQ(block_scale(224, ScaleKind::kPowerOfTwo), 0.5);
  // Every BF16 from 1 to 2 is 448 times a power of two or off by 1 in 256 at least.
  for (int code = 0x3F80; code < 0x4000; ++code) {
    const double amax = bf16_value(static_cast<std::uint16_t>(code));
    const double scale = block_scale(amax, ScaleKind::kPowerOfTwo);
    const double fill = amax / (448 * scale);
    EXPECT_GT(fill, 0.5);
    EXPECT_TRUE(fill == 1 || fill <= 1 - 1.0 / 256) << amax;
    EXPECT_TRUE(fill >= 0.5 * (1 + 1.0 / 256)) << amax;
  }
}

TEST(Quantize, BlocksAreRaggedAtTheEnds) {
  const Matrix x = generate::values(130, 257, Pattern::kUniform, kBf16, 1);
  const Quantized activations = quantize(x, kActivationBlock, ScaleKind::kExact);
  EXPECT_EQ(activations.scales.rows, 130);
  EXPECT_EQ(activations.scales.columns, 3);
  EXPECT_EQ(activations.codes(129, 256), std::copysign(448, x(129, 256)));
  const Quantized weights = quantize(x, kWeightBlock, ScaleKind::kExact);
  EXPECT_EQ(weights.scales.rows, 2);
  EXPECT_EQ(weights.scales.columns, 3);
}

TEST(Quantize, AHugeValueCostsOnlyItsOwnBlock) {
  Matrix x = generate::values(2, 256, Pattern::kUniform, kBf16, 2);
  const Quantized before = quantize(x, kActivationBlock, ScaleKind::kExact);
  x(0, 0) = 0x1p20;
  const Quantized after = quantize(x, kActivationBlock, ScaleKind::kExact);
  EXPECT_EQ(after.scales(0, 1), before.scales(0, 1));
  EXPECT_EQ(after.codes(1, 0), before.codes(1, 0));
  EXPECT_EQ(after.codes(0, 5), 0);
}

TEST(Quantize, TransposedIsQuantisedDownTheColumns) {
  const Matrix x = generate::values(200, 5, Pattern::kUniform, kBf16, 3);
  const Quantized q = quantize_transposed(x, ScaleKind::kExact);
  EXPECT_EQ(q.codes.rows, 5);
  EXPECT_EQ(q.codes.columns, 200);
  double amax = 0;
  for (int i = 128; i < 200; ++i) amax = std::max(amax, std::abs(x(i, 4)));
  EXPECT_EQ(q.scales(4, 1), amax / 448);
  EXPECT_EQ(q.codes(4, 150), round_to(x(150, 4) / (amax / 448), kE4m3));
}

// e4m3 has 4 significant bits: half a unit is 1/16 of the value, or half the smallest subnormal,
// 2^-10, of the scale.
RC_GTEST_PROP(Quantize, ErrorIsAtMostASixteenthOrHalfTheSmallestCode, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Pattern pattern = *rc::gen::elementOf(
      std::vector<Pattern>(std::begin(generate::kPatterns), std::end(generate::kPatterns)));
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 140);
  const auto columns = *rc::gen::inRange<std::int64_t>(1, 140);
  const Matrix x = generate::values(rows, columns, pattern, kBf16, seed);
  for (const Block block : kBlocks) {
    for (const ScaleKind kind : kKinds) {
      const Quantized q = quantize(x, block, kind);
      const Matrix back = dequantize(q);
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < columns; ++j) {
          const double scale = q.scales(i / block.rows, j / block.columns);
          const double bound = std::max(std::abs(x(i, j)) / 16, scale * 0x1p-10);
          RC_ASSERT(std::abs(back(i, j) - x(i, j)) <= bound * (1 + 1e-15));
          RC_ASSERT(std::abs(q.codes(i, j)) <= 448);
          RC_ASSERT(round_to(scale, kFp32) >= 0x1p-126);
        }
      }
    }
  }
}

}  // namespace
}  // namespace windtunnel::reference
