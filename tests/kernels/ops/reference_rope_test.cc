#include <gtest/gtest.h>

#include <cmath>

#include "kernels/ops/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

TEST(Rope, PairsAreNeighboursAndTurnCounterclockwise) {
  // A quarter turn: (1, 0) to (0, 1); none: (2, 3) stays.
  const Matrix x{{1, 0, 2, 3}, 1, 4};
  const Sum y = rope(x, Matrix{{0, 1}, 1, 2}, Matrix{{1, 0}, 1, 2});
  EXPECT_EQ(y.value.values, (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(y.magnitude.values, (std::vector<double>{0, 1, 2, 3}));
}

TEST(Rope, BackwardTurnsBack) {
  const Matrix x = generate::values(5, 16, Pattern::kUniform, kBf16, 1);
  const generate::Angles angles = generate::angles(5, 8, 2);
  const Sum there = rope(x, angles.cosines, angles.sines);
  const Sum back = rope_backward(there.value, angles.cosines, angles.sines);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    // FP32 cosines and sines: their squares sum to 1 within 2^-23.
    EXPECT_NEAR(back.value.values[i], x.values[i], 0x1p-22);
  }
}

TEST(Rope, GradientIsTheSlope) {
  const Matrix x = generate::values(3, 8, Pattern::kUniform, kBf16, 3);
  const Matrix dy = generate::values(3, 8, Pattern::kUniform, kBf16, 4);
  const generate::Angles angles = generate::angles(3, 4, 5);
  const Sum gradient = rope_backward(dy, angles.cosines, angles.sines);
  expect_gradient(x, gradient.value, [&](MatrixView moved) {
    return dot(rope(moved, angles.cosines, angles.sines).value, dy);
  });
}

}  // namespace
}  // namespace windtunnel::reference
