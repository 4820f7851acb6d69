// Gradients are compared with central differences in double.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/ops/matrix.h"

namespace windtunnel {

/// Checks that `gradient` is df/dx of the scalar f at x. With h = 2^-16 the difference is off by
/// h^2 / 6 f''' = 4e-11 f''' and by rounding, a few 2^-53 |f| / h = 1e-11 |f|: 1e-8 times the
/// sizes around leaves room for f''' of some hundreds and for no wrong term.
template <typename Function>
void expect_gradient(MatrixView x, MatrixView gradient, Function f) {
  constexpr double kStep = 0x1p-16;
  ASSERT_EQ(x.rows, gradient.rows);
  ASSERT_EQ(x.columns, gradient.columns);
  Matrix moved{{x.values.begin(), x.values.end()}, x.rows, x.columns};
  const double size = 1 + std::abs(f(MatrixView(moved)));
  for (std::size_t i = 0; i < moved.values.size(); ++i) {
    const double before = moved.values[i];
    moved.values[i] = before + kStep;
    const double above = f(MatrixView(moved));
    moved.values[i] = before - kStep;
    const double below = f(MatrixView(moved));
    moved.values[i] = before;
    const double slope = (above - below) / (2 * kStep);
    ASSERT_NEAR(gradient.values[i], slope, 1e-8 * size) << "element " << i;
  }
}

/// The scalar whose gradient is asked: sum of y weights.
inline double dot(MatrixView y, MatrixView weights) {
  double sum = 0;
  for (std::size_t i = 0; i < y.values.size(); ++i) sum += y.values[i] * weights.values[i];
  return sum;
}

}  // namespace windtunnel
