#include "kernels/all_to_all/tolerance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/testing/data.h"
#include "tests/kernels/single.h"

namespace windtunnel {
namespace {

using generate::Pattern;
using single::bf16;
using single::number;

/// Sums in FP32 by row, with whatever is done to the partial sums of `group` neighbours.
template <typename Store>
float summed(const Matrix& rows, std::int64_t j, std::int64_t group, Store store) {
  float all = 0;
  for (std::int64_t first = 0; first < rows.rows; first += group) {
    float part = 0;
    for (std::int64_t i = first; i < std::min(rows.rows, first + group); ++i) {
      part += number(rows(i, j));
    }
    all += store(part);
  }
  return all;
}

struct Exact {
  double value = 0;
  double magnitude = 0;
};
Exact exact(const Matrix& rows, std::int64_t j) {
  Exact sum;
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    sum.value += rows(i, j);
    sum.magnitude += std::abs(rows(i, j));
  }
  return sum;
}

TEST(AllToAllTolerance, SumsPassAndALostRowDoesNot) {
  for (const Pattern pattern : generate::kPatterns) {
    const Matrix rows = generate::values(8, 50, pattern, kBf16, 3);
    int lost = 0;
    for (std::int64_t j = 0; j < rows.columns; ++j) {
      const Exact want = exact(rows, j);
      const double got = bf16(summed(rows, j, 8, [](float x) { return x; }));
      const double bound = tolerance::combine(want.value, want.magnitude, 8);
      EXPECT_LE(std::abs(got - want.value), bound);
      const double without = bf16(number(want.value - rows(5, j)));
      lost += std::abs(without - want.value) > bound ? 1 : 0;
    }
    EXPECT_TRUE(pattern != Pattern::kUniform || lost > 45) << lost;
  }
}

TEST(AllToAllTolerance, SumsOfTwoHopsPassAndThoseOfOneHopAreCloser) {
  for (const Pattern pattern : generate::kPatterns) {
    const Matrix rows = generate::values(8, 50, pattern, kBf16, 4);
    int outside = 0;
    for (std::int64_t j = 0; j < rows.columns; ++j) {
      const Exact want = exact(rows, j);
      const double got = bf16(summed(rows, j, 2, [](float x) { return number(bf16(x)); }));
      const double error = std::abs(got - want.value);
      EXPECT_LE(error, tolerance::combine_two_hops(want.value, want.magnitude, 2, 4));
      outside += error > tolerance::combine(want.value, want.magnitude, 8) ? 1 : 0;
    }
    EXPECT_TRUE(pattern != Pattern::kUniform || outside > 0);
  }
}

TEST(AllToAllTolerance, BoundsAreTheSumsTheirSentencesSay) {
  using single::units_of_stored;
  const auto expect = [](double got, double by_hand) { EXPECT_NEAR(got, by_hand, by_hand / 50); };
  expect(units_of_stored(tolerance::combine(1, 2, 8)), 2 * 8);
  expect(units_of_stored(tolerance::combine_weighted(1, 2, 8)), 2 * 9);
  expect(units_of_stored(tolerance::combine_two_hops(1, 2, 4, 4)), 2 * (4 + 65536 + 4));
}

}  // namespace
}  // namespace windtunnel
