#include <gtest/gtest.h>

#include "kernels/ops/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

TEST(Embedding, RowsAreGatheredByToken) {
  const Matrix table = generate::values(6, 4, Pattern::kUniform, kBf16, 1);
  const Matrix y = embed(table, std::vector<std::int64_t>{5, 0, 5});
  for (std::int64_t j = 0; j < 4; ++j) {
    EXPECT_EQ(y(0, j), table(5, j));
    EXPECT_EQ(y(1, j), table(0, j));
    EXPECT_EQ(y(2, j), table(5, j));
  }
}

TEST(Embedding, GradientsOfATokenAddToWhatWasThere) {
  const Matrix before{{10, 20}, 2, 1};
  const Matrix dy{{1, -4, 2}, 3, 1};
  const Sum sum = embed_backward(before, std::vector<std::int64_t>{1, 1, 1}, dy);
  EXPECT_EQ(sum.value.values, (std::vector<double>{10, 19}));
  EXPECT_EQ(sum.magnitude.values, (std::vector<double>{10, 27}));
}

TEST(Embedding, GradientIsTheSlope) {
  const Matrix table = generate::values(4, 3, Pattern::kUniform, kBf16, 2);
  const Matrix dy = generate::values(5, 3, Pattern::kUniform, kBf16, 3);
  const std::vector<std::int64_t> tokens{3, 0, 3, 3, 2};
  const Sum gradient = embed_backward(zeros(4, 3), tokens, dy);
  expect_gradient(table, gradient.value,
                  [&](MatrixView moved) { return dot(embed(moved, tokens), dy); });
}

}  // namespace
}  // namespace windtunnel::reference
