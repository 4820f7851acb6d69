// What tests of kernels share: every seed of the device model, matrices of double to buffers and
// back, and comparisons that name the first element that is off.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/device/launch.h"
#include "kernels/ops/error.h"
#include "kernels/ops/matrix.h"
#include "kernels/ops/reference.h"
#include "kernels/ops/rounding.h"
#include "tests/kernels/device/seeds.h"

namespace windtunnel::device {

/// Runs `check(gpu, seed)` on a fresh GPU for each of 20 seeds (device/seeds.h), until one fails.
template <typename Check>
void on_every_seed(Check check) {
  for (const std::uint64_t seed : seeds(20)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Gpu gpu(seeded(seed));
    check(gpu, seed);
    if (testing::Test::HasFailure()) return;
  }
}

template <typename T, typename Convert>
std::vector<T> converted(MatrixView x, Convert convert) {
  std::vector<T> values;
  values.reserve(x.values.size());
  for (const double value : x.values) values.push_back(convert(value));
  return values;
}

inline std::vector<bf16> bf16_values(MatrixView x) {
  return converted<bf16>(x, [](double value) { return bf16{bf16_code(value)}; });
}
inline std::vector<e4m3> e4m3_values(MatrixView x) {
  return converted<e4m3>(x, [](double value) { return e4m3{e4m3_code(value)}; });
}
inline std::vector<float> fp32_values(MatrixView x) {
  return converted<float>(x, [](double value) { return static_cast<float>(value); });
}
inline std::vector<std::int32_t> int_values(const std::vector<std::int64_t>& x) {
  return {x.begin(), x.end()};
}

inline double value_of(bf16 x) { return bf16_value(x.bits); }
inline double value_of(e4m3 x) { return e4m3_value(x.bits); }
inline double value_of(float x) { return static_cast<double>(x); }

template <typename T>
Matrix downloaded(const Buffer<T>& buffer, std::int64_t rows, std::int64_t columns) {
  Matrix x = zeros(rows, columns);
  const std::vector<T> values = buffer.download();
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = value_of(values.at(i));
  return x;
}

/// Memory for `count` results: undefined, which the model shows as NaN (-1). One more element
/// stands behind them, since a buffer has at least one.
template <typename T>
Buffer<T> result_buffer(Gpu& gpu, std::int64_t count, const char* name) {
  return Buffer<T>(gpu, static_cast<std::size_t>(count) + 1, name);
}

/// Every element within `bound(i, j)` of the reference; NaN never is.
template <typename Bound>
void expect_within(MatrixView got, MatrixView want, Bound bound, const char* what) {
  ASSERT_EQ(got.values.size(), want.values.size()) << what;
  for (std::int64_t i = 0; i < want.rows; ++i) {
    for (std::int64_t j = 0; j < want.columns; ++j) {
      const double error = std::abs(got(i, j) - want(i, j));
      ASSERT_TRUE(error <= bound(i, j))
          << what << " (" << i << ", " << j << "): " << got(i, j) << " instead of " << want(i, j)
          << ", bound " << bound(i, j);
    }
  }
}

inline void expect_equal(MatrixView got, MatrixView want, const char* what) {
  expect_within(
      got, want, [](std::int64_t, std::int64_t) { return 0.0; }, what);
}

/// Codes and scales in blocks of 1 x 128 of a matrix y that the kernel knew within `error(i, j)`.
template <typename Error>
void expect_quantized(MatrixView codes, MatrixView scales, MatrixView y, reference::ScaleKind kind,
                      Error error) {
  for (std::int64_t i = 0; i < y.rows; ++i) {
    for (std::int64_t block = 0; block < scales.columns; ++block) {
      const std::int64_t last = std::min(y.columns, (block + 1) * 128);
      double amax = 0;
      double slack = 0;
      for (std::int64_t j = block * 128; j < last; ++j) {
        amax = std::max(amax, std::abs(y(i, j)));
        slack = std::max(slack, error(i, j));
      }
      const double scale = scales(i, block);
      const double low = reference::block_scale(std::max(0.0, amax - slack), kind);
      const double high = reference::block_scale(amax + slack, kind);
      const bool exact = kind == reference::ScaleKind::kExact;
      const double rounded = exact ? roundings(4) * kSecondOrder : 0;
      ASSERT_TRUE(low * (1 - rounded) <= scale && scale <= high * (1 + rounded))
          << "scale (" << i << ", " << block << "): " << scale << " not in " << low << ", " << high;
      if (!exact) {
        ASSERT_TRUE(scale == low || scale == high) << "scale (" << i << ", " << block << ")";
      }
      for (std::int64_t j = block * 128; j < last; ++j) {
        const double ratio = y(i, j) / scale;
        const double off = error(i, j) / scale + std::abs(ratio) * roundings(4) * kSecondOrder;
        ASSERT_TRUE(std::abs(codes(i, j) - ratio) <= stored(ratio, off, kE4m3))
            << "code (" << i << ", " << j << "): " << codes(i, j) << " for " << ratio;
      }
    }
  }
}

}  // namespace windtunnel::device
