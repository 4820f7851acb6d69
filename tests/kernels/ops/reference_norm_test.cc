#include <gtest/gtest.h>

#include <cmath>

#include "kernels/ops/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

TEST(RmsNorm, ARowHasMeanSquareOneBeforeGamma) {
  const Matrix x = generate::values(4, 96, Pattern::kUniform, kBf16, 1);
  const std::vector<double> ones(96, 1.0);
  const Matrix y = rms_norm(x, ones, 0);
  for (std::int64_t i = 0; i < 4; ++i) {
    double squares = 0;
    for (std::int64_t j = 0; j < 96; ++j) squares += y(i, j) * y(i, j);
    EXPECT_NEAR(squares / 96, 1, 1e-14);
  }
}

TEST(RmsNorm, EpsilonKeepsZerosZero) {
  const std::vector<double> gamma(8, 2.0);
  EXPECT_EQ(rms_norm(zeros(2, 8), gamma, 1e-6), zeros(2, 8));
  EXPECT_EQ(rms_norm_backward(zeros(1, 8), gamma, 0.25, zeros(1, 8)).dx.value, zeros(1, 8));
}

TEST(RmsNorm, GammaScalesItsColumn) {
  // mean(3^2, 4^2, 0, 0) = 6.25, so r = 0.4.
  const Matrix x{{3, 4, 0, 0}, 1, 4};
  const Matrix y = rms_norm(x, std::vector<double>{1, 10, 1, 1}, 0);
  EXPECT_NEAR(y(0, 0), 1.2, 1e-15);
  EXPECT_NEAR(y(0, 1), 16, 1e-14);
}

TEST(RmsNorm, TheResidualStreamIsRoundedBeforeItIsNormalised) {
  const Matrix x = generate::values(3, 40, Pattern::kUniform, kBf16, 2);
  const Matrix residual = generate::values(3, 40, Pattern::kUniform, kBf16, 3);
  const std::vector<double> gamma(40, 1.0);
  const ResidualNorm result = rms_norm_residual(x, residual, gamma, 1e-6);
  EXPECT_EQ(result.stream, cast(added(x, residual), kBf16));
  EXPECT_EQ(result.y, rms_norm(result.stream, gamma, 1e-6));
}

TEST(RmsNorm, GradientsAreTheSlopes) {
  constexpr double kEpsilon = 1e-3;
  const Matrix x = generate::values(3, 20, Pattern::kUniform, kBf16, 4);
  const Matrix gamma = generate::values(1, 20, Pattern::kUniform, kBf16, 5);
  const Matrix dy = generate::values(3, 20, Pattern::kUniform, kBf16, 6);
  const NormGradient gradient = rms_norm_backward(x, gamma.values, kEpsilon, dy);
  expect_gradient(x, gradient.dx.value, [&](MatrixView moved) {
    return dot(rms_norm(moved, gamma.values, kEpsilon), dy);
  });
  expect_gradient(gamma, gradient.dgamma.value,
                  [&](MatrixView moved) { return dot(rms_norm(x, moved.values, kEpsilon), dy); });
}

TEST(RmsNorm, MagnitudesBoundTheirValues) {
  const Matrix x = generate::values(3, 20, Pattern::kHuge, kBf16, 7);
  const Matrix dy = generate::values(3, 20, Pattern::kUniform, kBf16, 8);
  const NormGradient gradient = rms_norm_backward(x, std::vector<double>(20, 1.0), 0, dy);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    EXPECT_LE(std::abs(gradient.dx.value.values[i]), gradient.dx.magnitude.values[i] * (1 + 1e-12));
  }
}

}  // namespace
}  // namespace windtunnel::reference
