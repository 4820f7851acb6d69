#include "kernels/gemm/reference.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "kernels/moe/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Load;
using generate::Pattern;

/// Expert e's part of weights stacked n rows each.
MatrixView weight_of(const Matrix& weights, std::int64_t e, std::int64_t n) {
  return rows_of(weights, e * n, n);
}

TEST(Gemm, BothOperandsRunAlongK) {
  const Matrix a{{1, 2, 3, 4, 5, 6}, 2, 3};
  const Matrix b{{1, 0, -1, 2, 2, 2}, 2, 3};
  const Sum c = gemm(a, b);
  EXPECT_EQ(c.value.values, (std::vector<double>{-2, 12, -2, 30}));
  EXPECT_EQ(c.magnitude.values, (std::vector<double>{4, 12, 10, 30}));
}

RC_GTEST_PROP(GroupedGemm, ContiguousIsALoopOfDense, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Load load = generate::kLoads[*rc::gen::inRange(0, 5)];
  constexpr std::int64_t kExperts = 5;
  constexpr std::int64_t kN = 3;
  constexpr std::int64_t kK = 4;
  const Layout where = layout(generate::choices(12, 2, kExperts, load, seed), 2, kExperts, 8);
  const Matrix x = generate::values(12, kK, Pattern::kUniform, kBf16, seed);
  const Matrix weights = generate::values(kExperts * kN, kK, Pattern::kUniform, kBf16, seed + 1);
  const Matrix a = permute(x, where);
  const Sum c = grouped_gemm_contiguous(a, weights, kExperts, where.row_experts);
  for (std::int64_t e = 0; e < kExperts; ++e) {
    const std::int64_t first = where.offsets[static_cast<std::size_t>(e)];
    const std::int64_t rows = where.offsets[static_cast<std::size_t>(e) + 1] - first;
    const Sum dense = gemm(rows_of(a, first, rows), weight_of(weights, e, kN));
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < kN; ++j) {
        RC_ASSERT(c.value(first + i, j) == dense.value(i, j));
        RC_ASSERT(c.magnitude(first + i, j) == dense.magnitude(i, j));
      }
    }
  }
}

RC_GTEST_PROP(GroupedGemm, MaskedIsALoopOfDenseAndZeroBelowEachCount, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  constexpr std::int64_t kCapacity = 7;
  const std::vector<std::int64_t> counts = generate::ragged(4, kCapacity, seed);
  const Matrix a = generate::values(4 * kCapacity, 5, Pattern::kUniform, kBf16, seed);
  const Matrix weights = generate::values(4 * 3, 5, Pattern::kUniform, kBf16, seed + 1);
  const Sum c = grouped_gemm_masked(a, weights, counts);
  for (std::int64_t e = 0; e < 4; ++e) {
    const std::int64_t count = counts[static_cast<std::size_t>(e)];
    const Sum dense = gemm(rows_of(a, e * kCapacity, count), weight_of(weights, e, 3));
    for (std::int64_t i = 0; i < kCapacity; ++i) {
      for (std::int64_t j = 0; j < 3; ++j) {
        RC_ASSERT(c.value(e * kCapacity + i, j) == (i < count ? dense.value(i, j) : 0));
      }
    }
  }
}

TEST(GroupedGemm, AnExpertWithoutRowsKeepsItsWeightGradient) {
  const Matrix dw = generate::values(2 * 3, 4, Pattern::kUniform, kFp32, 1);
  const Matrix dy = generate::values(5, 3, Pattern::kUniform, kBf16, 2);
  const Matrix x = generate::values(5, 4, Pattern::kUniform, kBf16, 3);
  const Sum result = grouped_weight_gradient(dw, dy, x, std::vector<std::int64_t>{0, 0, 5});
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 0; j < 4; ++j) {
      EXPECT_EQ(result.value(i, j), dw(i, j));
      EXPECT_NE(result.value(3 + i, j), dw(3 + i, j));
    }
  }
}

TEST(GroupedGemm, WeightAndDataGradientsAreTheSlopesOfTheGroupedProduct) {
  const Layout where = layout(generate::choices(6, 2, 4, Load::kUniform, 4), 2, 4, 1);
  const Matrix x = permute(generate::values(6, 5, Pattern::kUniform, kBf16, 5), where);
  const Matrix weights = generate::values(4 * 3, 5, Pattern::kUniform, kBf16, 6);
  const Matrix dy = generate::values(x.rows, 3, Pattern::kUniform, kBf16, 7);
  const Sum dw = grouped_weight_gradient(zeros(4 * 3, 5), dy, x, where.offsets);
  expect_gradient(weights, dw.value, [&](MatrixView moved) {
    return dot(grouped_gemm_contiguous(x, moved, 4, where.row_experts).value, dy);
  });
}

}  // namespace
}  // namespace windtunnel::reference
