// The sums of a wgmma, exact and as narrow as Hopper's FP8 accumulators.
#include "kernels/device/model/multiply.h"

#include <vector>

#include "gtest/gtest.h"

namespace windtunnel::device::model {
namespace {

TEST(Multiply, AddsTheProductOrReplacesTheSums) {
  const int n = 8;
  const int k = 16;
  std::vector<float> a(16 * 16);
  std::vector<float> b(16 * 8);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i % 7);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i % 5) - 2;
  std::vector<float> sums(16 * 8, 10);
  for (const bool accumulate : {true, false}) {
    multiply_add(sums.data(), a.data(), b.data(), n, k, accumulate, 0);
    for (std::size_t row = 0; row < 16; ++row) {
      for (std::size_t column = 0; column < 8; ++column) {
        float want = accumulate ? 10.0F : 0.0F;
        for (std::size_t i = 0; i < 16; ++i) want += a[row * 16 + i] * b[i * 8 + column];
        EXPECT_EQ(sums[row * 8 + column], want);
      }
    }
  }
}

/// One row: 1 + x + ... against FP32's 1 + 16 x.
float narrow_sum(float x, int bits) {
  std::vector<float> a(16 * 32, 0);
  std::vector<float> b(32 * 8, 1);
  a[0] = 1;
  for (std::size_t i = 1; i < 17; ++i) a[i] = x;
  std::vector<float> sums(16 * 8, 0);
  multiply_add(sums.data(), a.data(), b.data(), 8, 32, true, bits);
  return sums[0];
}

TEST(Multiply, KeptBitsCutSmallTerms) {
  // 14 bits beside 1: the unit is 2^-13. What is smaller is lost; FP32 keeps it.
  EXPECT_EQ(narrow_sum(0x1p-13F, 14), 1 + 16 * 0x1p-13F);
  EXPECT_EQ(narrow_sum(0x1p-14F, 14), 1.0F);
  EXPECT_EQ(narrow_sum(0x1p-14F, 0), 1 + 16 * 0x1p-14F);
  EXPECT_EQ(narrow_sum(0x1.8p-13F, 14), 1 + 16 * 0x1p-13F);
}

}  // namespace
}  // namespace windtunnel::device::model
