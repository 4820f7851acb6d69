#include "simulator/base/random.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>

namespace windtunnel {
namespace {

TEST(Mix, DependsOnEveryWordAndItsPlace) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t a = 0; a < 4; ++a) {
    for (std::uint64_t b = 0; b < 4; ++b) {
      for (std::uint64_t c = 0; c < 4; ++c) {
        for (std::uint64_t d = 0; d < 4; ++d) seen.insert(mix(a, b, c, d));
      }
    }
  }
  EXPECT_EQ(seen.size(), 256u);
}

TEST(Mix, IsTheSameEverywhere) {
  // Computed with arbitrary-precision integers: h = f(a + G), then h = f((h ^ word) + G) for b, c,
  // d, with SplitMix64's f and G; f(G) is 0xE220A8397B1DCDAF, the first number of seed 0.
  EXPECT_EQ(mix(1, 2, 3, 4), std::uint64_t{0xD55CCD4AEB3CCAFB});
}

TEST(Mix, FlipsHalfOfTheBits) {
  // 64 * 64 flips of one input bit change 64 bits each with probability 1/2: 131072 expected,
  // standard deviation sqrt(64 * 64 * 64 / 4) = 256; five of them.
  int flipped = 0;
  for (std::uint64_t word = 0; word < 64; ++word) {
    for (int bit = 0; bit < 64; ++bit) {
      flipped += std::popcount(mix(7, word) ^ mix(7, word ^ (std::uint64_t{1} << bit)));
    }
  }
  EXPECT_NEAR(flipped, 131072, 5 * 256);
}

TEST(Uniform, StaysBelowOne) {
  EXPECT_EQ(uniform(0), 0.0);
  EXPECT_LT(uniform(~std::uint64_t{0}), 1.0);
  EXPECT_EQ(uniform(std::uint64_t{1} << 63), 0.5);
}

TEST(Uniform, HasTheMeanOfOne) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) sum += uniform(mix(3, i));
  // Standard error sqrt(1/12 / 10000) = 0.0029; five of them.
  EXPECT_NEAR(sum / 10000, 0.5, 0.0145);
}

TEST(Normal, HasMeanZeroAndVarianceOne) {
  double sum = 0;
  double squares = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const double x = normal(mix(5, i));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 10000, 0.0, 0.05);       // 5 * sqrt(1 / 10000)
  EXPECT_NEAR(squares / 10000, 1.0, 0.071);  // 5 * sqrt(2 / 10000)
}

TEST(Normal, IsFiniteAtTheEnds) {
  EXPECT_TRUE(std::isfinite(normal(0)));
  EXPECT_TRUE(std::isfinite(normal(~std::uint64_t{0})));
}

}  // namespace
}  // namespace windtunnel
