#include "kernels/ops/rounding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace windtunnel {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Codes 0 to `last` are the format's non-negative numbers in order: each is its own rounding, and
/// between two neighbours the nearer wins, at the middle the even code.
template <typename Code>
void expect_nearest_even(unsigned last, double (*value)(Code), Code (*code)(double)) {
  for (unsigned i = 0; i <= last; ++i) {
    const double here = value(static_cast<Code>(i));
    ASSERT_EQ(code(here), i);
    if (i == last) break;
    const double next = value(static_cast<Code>(i + 1));
    ASSERT_LT(here, next);
    const double middle = (here + next) / 2;
    ASSERT_EQ(code(middle), i + i % 2);
    ASSERT_EQ(code(std::nextafter(middle, 0)), i);
    ASSERT_EQ(code(std::nextafter(middle, kInfinity)), i + 1);
  }
}

TEST(Rounding, EveryBf16IsItselfAndItsNeighbourhoodRoundsToNearestEven) {
  expect_nearest_even<std::uint16_t>(0x7F7F, bf16_value, bf16_code);
}

TEST(Rounding, EveryE4m3IsItselfAndItsNeighbourhoodRoundsToNearestEven) {
  expect_nearest_even<std::uint8_t>(0x7E, e4m3_value, e4m3_code);
}

TEST(Rounding, SignsMirror) {
  for (unsigned code = 0; code < 0x7F80; ++code) {
    const double value = bf16_value(static_cast<std::uint16_t>(code));
    ASSERT_EQ(bf16_code(-value), code + 0x8000);
    ASSERT_EQ(bf16_value(static_cast<std::uint16_t>(code + 0x8000)), -value);
  }
  for (unsigned code = 0; code < 0x7F; ++code) {
    const double value = e4m3_value(static_cast<std::uint8_t>(code));
    ASSERT_EQ(e4m3_code(-value), code + 0x80);
    ASSERT_EQ(e4m3_value(static_cast<std::uint8_t>(code + 0x80)), -value);
  }
}

TEST(Rounding, E4m3IsTheOcpFormatWithOneNanAndNoInfinity) {
  EXPECT_EQ(e4m3_value(0x7E), 448);
  EXPECT_EQ(e4m3_value(0x01), 0x1p-9);
  EXPECT_EQ(e4m3_value(0x08), 0x1p-6);
  EXPECT_EQ(e4m3_value(0x38), 1);
  int nans = 0;
  for (int code = 0; code < 256; ++code) {
    const double value = e4m3_value(static_cast<std::uint8_t>(code));
    nans += std::isnan(value) ? 1 : 0;
    EXPECT_FALSE(std::isinf(value));
  }
  EXPECT_EQ(nans, 2);
}

TEST(Rounding, E4m3SaturatesAndBf16Overflows) {
  // 464 would be the tie with 480, which does not exist.
  for (const double large : {449.0, 464.0, 480.0, 1e30, kInfinity}) {
    EXPECT_EQ(round_to(large, kE4m3), 448);
    EXPECT_EQ(e4m3_code(-large), 0xFE);
  }
  const double half_up = (kBf16.largest + 0x1p128) / 2;
  EXPECT_EQ(round_to(std::nextafter(half_up, 0), kBf16), kBf16.largest);
  EXPECT_EQ(round_to(half_up, kBf16), kInfinity);
  EXPECT_EQ(bf16_code(-kInfinity), 0xFF80);
}

TEST(Rounding, NanStaysNan) {
  EXPECT_TRUE(std::isnan(round_to(kNan, kE4m3)));
  EXPECT_TRUE(std::isnan(round_to(kNan, kBf16)));
  EXPECT_EQ(e4m3_code(kNan), 0x7F);
  EXPECT_EQ(bf16_code(kNan), 0x7FFF);
}

RC_GTEST_PROP(Rounding, Bf16OfAFloatIsWhatIntegerArithmeticOnItsBitsGives, (std::uint32_t bits)) {
  const auto number = std::bit_cast<float>(bits);
  RC_PRE(!std::isnan(number));
  const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
  RC_ASSERT(bf16_code(number) == static_cast<std::uint16_t>(rounded >> 16U));
}

RC_GTEST_PROP(Rounding, Fp32OfADoubleIsTheCompilersCast, (std::uint64_t bits)) {
  // Exponents around FP32's, since nearly all doubles lie outside it.
  const std::uint64_t exponent = 1023 - 160 + bits % 300;
  const auto number = std::bit_cast<double>((bits & 0x800FFFFFFFFFFFFFULL) | (exponent << 52U));
  RC_ASSERT(round_to(number, kFp32) == static_cast<double>(static_cast<float>(number)));
}

TEST(Rounding, SpacingIsTheDistanceToTheNextLargerSize) {
  for (unsigned i = 0; i < 0x7F7F; ++i) {
    const double here = bf16_value(static_cast<std::uint16_t>(i));
    ASSERT_EQ(spacing(here, kBf16), bf16_value(static_cast<std::uint16_t>(i + 1)) - here);
  }
}

}  // namespace
}  // namespace windtunnel
