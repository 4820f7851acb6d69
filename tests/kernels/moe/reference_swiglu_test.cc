#include <gtest/gtest.h>

#include <cmath>

#include "kernels/moe/reference.h"
#include "kernels/ops/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

TEST(Swiglu, GateIsTheFirstHalfAndUpTheSecond) {
  const Matrix x{{0, 100, -100, 3, 2, 7}, 1, 6};
  const Matrix y = swiglu(x, std::vector<double>{0.5});
  EXPECT_EQ(y(0, 0), 0);
  EXPECT_NEAR(y(0, 1), 100, 1e-12);
  EXPECT_NEAR(y(0, 2), 0, 1e-40);
}

TEST(Swiglu, NoWeightsAreWeightsOfOne) {
  const Matrix x = generate::values(3, 10, Pattern::kUniform, kBf16, 1);
  EXPECT_EQ(swiglu(x, {}), swiglu(x, std::vector<double>(3, 1.0)));
}

TEST(Swiglu, GradientsAreTheSlopes) {
  Matrix x = generate::values(3, 12, Pattern::kUniform, kBf16, 2);
  for (double& it : x.values) it *= 4;
  const Matrix weights = generate::values(3, 1, Pattern::kUniform, kFp32, 3);
  const Matrix dy = generate::values(3, 6, Pattern::kUniform, kBf16, 4);
  const SwigluGradient gradient = swiglu_backward(x, weights.values, dy);
  expect_gradient(x, gradient.dx.value,
                  [&](MatrixView moved) { return dot(swiglu(moved, weights.values), dy); });
  expect_gradient(weights, gradient.dweights.value,
                  [&](MatrixView moved) { return dot(swiglu(x, moved.values), dy); });
}

TEST(Swiglu, MagnitudesBoundTheirValuesAndLargeGatesStayFinite) {
  const Matrix x{{500, -500, 3, -2}, 1, 4};
  const Matrix dy{{1, 1}, 1, 2};
  const SwigluGradient gradient = swiglu_backward(x, {}, dy);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(std::isfinite(gradient.dx.value.values[i]));
    EXPECT_LE(std::abs(gradient.dx.value.values[i]), gradient.dx.magnitude.values[i] + 1e-300);
  }
}

TEST(Swiglu, TheWeightIsInWhatIsQuantised) {
  const Matrix x = generate::values(2, 256, Pattern::kUniform, kBf16, 5);
  const Matrix once = swiglu(x, std::vector<double>(2, 1.0));
  const Matrix half = swiglu(x, std::vector<double>(2, 0.5));
  const Quantized a = quantize(once, kActivationBlock, ScaleKind::kExact);
  const Quantized b = quantize(half, kActivationBlock, ScaleKind::kExact);
  EXPECT_EQ(a.codes, b.codes);
  EXPECT_EQ(a.scales(0, 0), 2 * b.scales(0, 0));
}

}  // namespace
}  // namespace windtunnel::reference
