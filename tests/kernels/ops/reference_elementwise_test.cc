#include <gtest/gtest.h>

#include "kernels/ops/reference.h"
#include "kernels/testing/data.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

TEST(Elementwise, ScaleAndAddGoElementByElement) {
  const Matrix x{{1, 2, 3, 4}, 2, 2};
  const Matrix y{{10, 20, 30, 40}, 2, 2};
  EXPECT_EQ(scaled(x, -2).values, (std::vector<double>{-2, -4, -6, -8}));
  EXPECT_EQ(added(x, y).values, (std::vector<double>{11, 22, 33, 44}));
}

TEST(Elementwise, CastRoundsOnce) {
  // 1 + 2^-8 is the tie between 1 and 1 + 2^-7 of BF16.
  const Matrix x{{1 + 0x1p-8, 1 + 0x1p-8 + 0x1p-40}, 1, 2};
  EXPECT_EQ(cast(x, kBf16).values, (std::vector<double>{1, 1 + 0x1p-7}));
}

TEST(Elementwise, ASumOfTwoBf16RoundsToBf16AlikeWithFp32BetweenAndWithout) {
  const Matrix x = generate::values(64, 64, Pattern::kUniform, kBf16, 1);
  Matrix y = generate::values(64, 64, Pattern::kUniform, kBf16, 2);
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    y.values[i] = std::ldexp(y.values[i], static_cast<int>(i % 40) - 20);
  }
  const Matrix sum = added(x, y);
  EXPECT_EQ(cast(cast(sum, kFp32), kBf16), cast(sum, kBf16));
}

}  // namespace
}  // namespace windtunnel::reference
