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

// Step 1 from nothing: corrections undo the betas, so the mean is g, the root |g|.
TEST(Adam, ItsFirstStepIsTheRateAndTheDecay) {
  const AdamRule rule{.rate = 0.5,
                      .beta1 = 0.75,
                      .beta2 = 0.5,
                      .epsilon = 0,
                      .decay = 0.25,
                      .mean_correction = 4,
                      .square_correction = 2};
  const AdamState after = adam(rule, {.weight = 8, .mean = 0, .square = 0}, -3);
  EXPECT_DOUBLE_EQ(after.mean, -0.75);
  EXPECT_DOUBLE_EQ(after.square, 4.5);
  EXPECT_DOUBLE_EQ(after.weight, 8 - 0.5 * (-1 + 0.25 * 8));
}

TEST(Adam, MomentsFadeAndEpsilonBoundsTheStep) {
  const AdamRule rule{.rate = 1,
                      .beta1 = 0.5,
                      .beta2 = 0.75,
                      .epsilon = 2,
                      .decay = 0,
                      .mean_correction = 1,
                      .square_correction = 1};
  const AdamState after = adam(rule, {.weight = 1, .mean = 6, .square = 12}, 0);
  EXPECT_DOUBLE_EQ(after.mean, 3);
  EXPECT_DOUBLE_EQ(after.square, 9);
  EXPECT_DOUBLE_EQ(after.weight, 1 - 3.0 / (3 + 2));
}

}  // namespace
}  // namespace windtunnel::reference
