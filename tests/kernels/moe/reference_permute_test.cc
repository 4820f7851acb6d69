#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

#include "kernels/moe/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Load;
using generate::Pattern;

struct Case {
  std::vector<std::int32_t> choices;
  std::int64_t top_k;
  std::int32_t experts;
  std::int64_t alignment;
};

rc::Gen<Case> any_case() {
  return rc::gen::exec([] {
    const auto top_k = *rc::gen::inRange<std::int64_t>(1, 7);
    const auto experts = *rc::gen::inRange<std::int32_t>(static_cast<std::int32_t>(top_k) + 2, 20);
    const auto tokens = *rc::gen::inRange<std::int64_t>(0, 60);
    const Load load = generate::kLoads[*rc::gen::inRange(0, 5)];
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    return Case{generate::choices(tokens, top_k, experts, load, seed), top_k, experts,
                *rc::gen::element<std::int64_t>(1, 8, 128)};
  });
}

Layout laid_out(const Case& it) { return layout(it.choices, it.top_k, it.experts, it.alignment); }

TEST(Permute, ASmallCaseByHand) {
  // Tokens choose (2, 0), (0, elsewhere), (2, 0); blocks aligned to 4.
  const Layout result = layout(std::vector<std::int32_t>{2, 0, 0, -1, 2, 0}, 2, 3, 4);
  EXPECT_EQ(result.counts, (std::vector<std::int64_t>{3, 0, 2}));
  EXPECT_EQ(result.offsets, (std::vector<std::int64_t>{0, 4, 4, 8}));
  EXPECT_EQ(result.slots, (std::vector<std::int64_t>{4, 0, 1, -1, 5, 2}));
  EXPECT_EQ(result.pairs, (std::vector<std::int64_t>{1, 2, 5, -1, 0, 4, -1, -1}));
  EXPECT_EQ(result.row_experts, (std::vector<std::int32_t>{0, 0, 0, -1, 2, 2, -1, -1}));
}

RC_GTEST_PROP(Permute, SlotsAreABijectionOntoWhatIsNoPadding, ()) {
  const Case it = *any_case();
  const Layout result = laid_out(it);
  std::int64_t placed = 0;
  for (std::size_t pair = 0; pair < it.choices.size(); ++pair) {
    const std::int64_t slot = result.slots[pair];
    RC_ASSERT((slot < 0) == (it.choices[pair] < 0));
    if (slot < 0) continue;
    ++placed;
    RC_ASSERT(result.pairs[static_cast<std::size_t>(slot)] == static_cast<std::int64_t>(pair));
    RC_ASSERT(result.row_experts[static_cast<std::size_t>(slot)] == it.choices[pair]);
  }
  const auto padding = std::count(result.pairs.begin(), result.pairs.end(), -1);
  RC_ASSERT(placed + padding == std::ssize(result.pairs));
  RC_ASSERT(std::accumulate(result.counts.begin(), result.counts.end(), std::int64_t{0}) == placed);
}

RC_GTEST_PROP(Permute, BlocksAreAlignedStableAndPaddedLast, ()) {
  const Case it = *any_case();
  const Layout result = laid_out(it);
  for (std::size_t e = 0; e < result.counts.size(); ++e) {
    const std::int64_t first = result.offsets[e];
    RC_ASSERT(first % it.alignment == 0);
    RC_ASSERT(result.offsets[e + 1] - first - result.counts[e] < it.alignment);
    for (std::int64_t i = 0; i < result.offsets[e + 1] - first; ++i) {
      const std::int64_t pair = result.pairs[static_cast<std::size_t>(first + i)];
      RC_ASSERT((pair < 0) == (i >= result.counts[e]));
      if (i > 0 && pair >= 0) {
        RC_ASSERT(pair > result.pairs[static_cast<std::size_t>(first + i - 1)]);
      }
    }
  }
}

RC_GTEST_PROP(Permute, CombineOfDispatchIsTheTokenTimesItsWeights, ()) {
  const Case it = *any_case();
  const Layout where = laid_out(it);
  const std::int64_t tokens = std::ssize(it.choices) / it.top_k;
  const Matrix x = generate::values(tokens, 5, Pattern::kUniform, kBf16, 1);
  const Matrix weights = generate::values(tokens, it.top_k, Pattern::kUniform, kFp32, 2);
  const Sum back = unpermute(permute(x, where), weights, where);
  for (std::int64_t token = 0; token < tokens; ++token) {
    double sum = 0;
    for (std::int64_t j = 0; j < it.top_k; ++j) {
      const auto pair = static_cast<std::size_t>(token * it.top_k + j);
      if (it.choices[pair] >= 0) sum += weights(token, j);
    }
    for (std::int64_t j = 0; j < 5; ++j) {
      RC_ASSERT(std::abs(back.value(token, j) - sum * x(token, j)) <= 1e-14);
    }
  }
}

TEST(Permute, PaddingIsZero) {
  const Layout where = layout(std::vector<std::int32_t>{1, 1, 1}, 1, 2, 4);
  const Matrix x{{1, 2, 3}, 3, 1};
  EXPECT_EQ(permute(x, where).values, (std::vector<double>{1, 2, 3, 0}));
}

TEST(Permute, GradientsAreTheSlopes) {
  const std::vector<std::int32_t> choices = generate::choices(6, 2, 5, Load::kElsewhere, 3);
  const Layout where = layout(choices, 2, 5, 4);
  const std::int64_t slots = std::ssize(where.pairs);
  const Matrix tokens = generate::values(6, 3, Pattern::kUniform, kBf16, 4);
  const Matrix rows = generate::values(slots, 3, Pattern::kUniform, kBf16, 5);
  const Matrix weights = generate::values(6, 2, Pattern::kUniform, kFp32, 6);
  const Matrix dy = generate::values(6, 3, Pattern::kUniform, kBf16, 7);
  expect_gradient(tokens, permute_backward(rows, where).value,
                  [&](MatrixView moved) { return dot(permute(moved, where), rows); });
  const UnpermuteGradient gradient = unpermute_backward(rows, weights, where, dy);
  expect_gradient(rows, gradient.dx, [&](MatrixView moved) {
    return dot(unpermute(moved, weights, where).value, dy);
  });
  expect_gradient(weights, gradient.dweights.value,
                  [&](MatrixView moved) { return dot(unpermute(rows, moved, where).value, dy); });
}

}  // namespace
}  // namespace windtunnel::reference
