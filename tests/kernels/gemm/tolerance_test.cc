#include "kernels/gemm/tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/gemm/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/single.h"

// Accumulators as FP32 in order, as A100's and H100's tensor cores, and as Hopper's FP8 ones: all
// pass on every pattern; a product that misses one term does not.
namespace windtunnel {
namespace {

using generate::Pattern;
using single::number;

/// Adds `group` products and the accumulator at once: every addend is cut to `kept` bits below the
/// leading one of the largest, the sum to `written` bits.
struct TensorCore {
  std::int64_t group;
  int kept;
  int written;

  static double cut(double value, int exponent) {
    return std::ldexp(std::trunc(std::ldexp(value, -exponent)), exponent);
  }

  double add(double accumulator, const std::vector<double>& products) const {
    double largest = std::abs(accumulator);
    for (const double it : products) largest = std::max(largest, std::abs(it));
    if (largest == 0) return 0;
    const int unit = std::ilogb(largest) - kept;
    double sum = cut(accumulator, unit);
    for (const double it : products) sum += cut(it, unit);
    return sum == 0 ? 0 : cut(sum, std::ilogb(sum) - written);
  }
};
constexpr TensorCore kFp32InOrder{1, 48, 23};
constexpr TensorCore kA100{8, 24, 23};
constexpr TensorCore kH100{16, 25, 23};
constexpr TensorCore kHopperFp8{32, 13, 13};

double product(const Matrix& a, const Matrix& b, std::int64_t i, std::int64_t j, std::int64_t first,
               std::int64_t last, const TensorCore& core) {
  double sum = 0;
  for (std::int64_t k = first; k < last; k += core.group) {
    std::vector<double> products;
    for (std::int64_t l = k; l < std::min(k + core.group, last); ++l) {
      products.push_back(a(i, l) * b(j, l));
    }
    sum = core.add(sum, products);
  }
  return sum;
}

/// Largest share of the tolerance used when the last `missed` terms are left out.
double share(const Matrix& a, const Matrix& b, std::int64_t missed, const TensorCore& core,
             const Format& output) {
  const Sum c = reference::gemm(a, b);
  const std::int64_t k = a.columns;
  double worst = 0;
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t j = 0; j < b.rows; ++j) {
      const double got = round_to(product(a, b, i, j, 0, k - missed, core), output);
      const double allowed =
          tolerance::gemm(c.value(i, j), c.magnitude(i, j), static_cast<double>(k), output);
      worst = std::max(worst, std::abs(got - c.value(i, j)) / allowed);
    }
  }
  return worst;
}

TEST(GemmTolerance, EveryAccumulatorPassesOnEveryPattern) {
  for (const Pattern pattern : generate::kPatterns) {
    const Matrix a = generate::values(6, 600, pattern, kBf16, 1);
    const Matrix b = generate::values(5, 600, Pattern::kUniform, kBf16, 2);
    for (const TensorCore& core : {kFp32InOrder, kA100, kH100}) {
      EXPECT_LE(share(a, b, 0, core, kFp32), 1);
      EXPECT_LE(share(a, b, 0, core, kBf16), 1);
      EXPECT_LE(share(b, b, 0, core, kFp32), 1);
    }
  }
}

TEST(GemmTolerance, AMissingTermIsFoundUpToTheLengthInTheHeader) {
  for (const std::int64_t k : {64, 512, 3072}) {
    const Matrix a = generate::values(6, k, Pattern::kUniform, kBf16, 3);
    const Matrix b = generate::values(5, k, Pattern::kUniform, kBf16, 4);
    EXPECT_GT(share(a, b, 1, kA100, kFp32), 1) << k;
    EXPECT_GT(share(a, b, 1, kA100, kBf16), 1) << k;
  }
}

TEST(GemmTolerance, RoundingToBf16TwiceIsNoMoreThanTheBoundButTruncatingIs) {
  const Matrix a = generate::values(6, 64, Pattern::kUniform, kBf16, 5);
  const Sum c = reference::gemm(a, a);
  double worst = 0;
  for (std::size_t i = 0; i < c.value.values.size(); ++i) {
    const double exact = c.value.values[i];
    const double unit = spacing(exact, kBf16);
    const double cut = std::trunc(exact / unit) * unit;
    worst = std::max(
        worst, std::abs(cut - exact) / tolerance::gemm(exact, c.magnitude.values[i], 64, kBf16));
  }
  EXPECT_GT(worst, 1);
}

struct Fp8Case {
  reference::Quantized a;
  reference::Quantized b;
};

Fp8Case fp8_case(std::int64_t k, Pattern pattern) {
  const Matrix x = generate::values(5, k, pattern, kBf16, 6);
  const Matrix w = generate::values(140, k, Pattern::kUniform, kBf16, 7);
  return {reference::quantize(x, reference::kActivationBlock, reference::ScaleKind::kExact),
          reference::quantize(w, reference::kWeightBlock, reference::ScaleKind::kExact)};
}

/// Two levels: codes in the tensor core, a block of 128 at a time, then FP32.
double fp8_share(Fp8Case it, std::int64_t missed, const TensorCore& core) {
  for (reference::Quantized* q : {&it.a, &it.b}) {
    for (double& s : q->scales.values) s = round_to(s, kFp32);
  }
  const std::int64_t k = it.a.codes.columns;
  const Sum c = reference::gemm(reference::dequantize(it.a), reference::dequantize(it.b));
  const Matrix loss = core.kept > 20 ? zeros(c.value.rows, c.value.columns)
                                     : reference::fp8_accumulation_loss(it.a, it.b);
  double worst = 0;
  for (std::int64_t i = 0; i < c.value.rows; ++i) {
    for (std::int64_t j = 0; j < c.value.columns; ++j) {
      float sum = 0;
      for (std::int64_t first = 0; first < k - missed; first += 128) {
        const std::int64_t last = std::min(first + 128, k - missed);
        const float scale =
            number(it.a.scales(i, first / 128)) * number(it.b.scales(j / 128, first / 128));
        sum += scale * number(product(it.a.codes, it.b.codes, i, j, first, last, core));
      }
      const double allowed = tolerance::fp8_gemm(c.value(i, j), c.magnitude(i, j), loss(i, j),
                                                 static_cast<double>(k), kFp32);
      worst = std::max(worst, std::abs(sum - c.value(i, j)) / allowed);
    }
  }
  return worst;
}

TEST(Fp8GemmTolerance, TwoLevelsPassWithFp32AndWithHoppersAccumulator) {
  for (const Pattern pattern : generate::kPatterns) {
    EXPECT_LE(fp8_share(fp8_case(300, pattern), 0, kHopperFp8), 1);
    EXPECT_LE(fp8_share(fp8_case(300, pattern), 0, kFp32InOrder), 1);
  }
}

TEST(Fp8GemmTolerance, AMissingTermIsFoundEvenWithHoppersAccumulator) {
  EXPECT_GT(fp8_share(fp8_case(512, Pattern::kUniform), 1, kFp32InOrder), 100);
  EXPECT_GT(fp8_share(fp8_case(512, Pattern::kUniform), 1, kHopperFp8), 1);
}

// Worst cases seldom meet, so no kernel shows that a bound is not larger than it has to be: this
// does. Counted in units by hand after the header.
TEST(GemmTolerance, BoundsAreTheSumsTheHeaderSays) {
  using single::units;
  const auto expect = [](double got, double by_hand) { EXPECT_NEAR(got, by_hand, by_hand / 50); };
  expect(units(tolerance::gemm(1, 2, 1000, kFp32)), 2 * 1375);
  expect(single::units_of_stored(tolerance::gemm(1, 2, 1000, kBf16)), 2 * 1375);
  expect(units(tolerance::fp8_gemm(1, 2, 0, 1000, kFp32)), 2 * (128 + 8 + 2));
  expect(units(tolerance::fp8_gemm(1, 2, 0x1p-20, 1000, kFp32)), 276 + 16);
}

}  // namespace
}  // namespace windtunnel
