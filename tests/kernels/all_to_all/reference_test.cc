#include "kernels/all_to_all/reference.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/kernels/all_to_all/routing.h"

namespace windtunnel::reference {
namespace {

// Two ranks of two experts, two choices a token.
const Choices kByHand{{0, 1, 3, 0, 2, -1}, {-1, -1, 3, 2}};

TEST(ExchangeReference, TokensOfTwoRanksByHand) {
  const Exchange got = exchange(kByHand, 2, 4);
  EXPECT_EQ(got.arrivals[0], (std::vector<Arrival>{{0, 0}, {0, 1}}));
  EXPECT_EQ(got.arrivals[1], (std::vector<Arrival>{{0, 1}, {0, 2}, {1, 1}}));
  EXPECT_EQ(got.offsets[0], (std::vector<std::int64_t>{0, 2, 2}));
  EXPECT_EQ(got.offsets[1], (std::vector<std::int64_t>{0, 2, 3}));
  EXPECT_EQ(got.expert_pairs[0], (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(got.expert_pairs[1], (std::vector<std::int64_t>{2, 2}));
}

TEST(ExchangeReference, PairsOfAnExpertByHand) {
  const ExpertPairs got = expert_pairs(kByHand, 4);
  EXPECT_EQ(got[0][0], (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(got[3][0], (std::vector<std::int64_t>{2}));
  EXPECT_EQ(got[3][1], (std::vector<std::int64_t>{2}));
  EXPECT_EQ(got[1][1], (std::vector<std::int64_t>{}));
}

TEST(CombineReference, RowsGoHomeByHand) {
  const Exchange there = exchange(kByHand, 2, 4);
  const std::vector<Matrix> rows{{{1, -2}, 2, 1}, {{10, 20, 40}, 3, 1}};
  const Sum first = combine(rows, there, 0, 3);
  EXPECT_EQ(first.value, (Matrix{{1, 8, 20}, 3, 1}));
  EXPECT_EQ(first.magnitude, (Matrix{{1, 12, 20}, 3, 1}));
  EXPECT_EQ(combine(rows, there, 1, 2).value, (Matrix{{0, 40}, 2, 1}));
}

TEST(CombineReference, PairsBeyondTheCapacityAreLeftOut) {
  const ExpertPairs pairs = expert_pairs(kByHand, 4);
  const Matrix weights{{1, 10, 100, 1000, 10000, 100000}, 3, 2};
  std::vector<std::vector<Matrix>> rows(4, std::vector<Matrix>(2, Matrix{{1, 2}, 2, 1}));
  EXPECT_EQ(combine_pairs(rows, pairs, 0, weights, 2).value, (Matrix{{11, 2100, 10000}, 3, 1}));
  EXPECT_EQ(combine_pairs(rows, pairs, 0, weights, 1).value, (Matrix{{11, 100, 10000}, 3, 1}));
}

/// Every rank returns its weighted sum over local experts of what it got: the sum over all choices.
RC_GTEST_PROP(CombineReference, CombineOfDispatchIsTheWeightedSum, ()) {
  const device::World w{.nodes = 8, .node_ranks = 8, .experts = 128, .top_k = 8, .max_tokens = 4};
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const std::vector<int> tokens = *rc::gen::container<std::vector<int>>(64, rc::gen::inRange(0, 5));
  const Choices choices = device::node_limited(w, tokens, 4, seed);
  const Exchange there = exchange(choices, w.top_k, w.experts);
  const auto x = [](std::int64_t source, std::int64_t token) {
    return static_cast<double>(source * 10 + token + 1);
  };
  const auto weight = [](std::int64_t pair) { return static_cast<double>(pair % 7 + 1); };
  std::vector<Matrix> rows;
  for (std::int64_t rank = 0; rank < 64; ++rank) {
    Matrix y = zeros(std::ssize(there.arrivals[static_cast<std::size_t>(rank)]), 1);
    for (std::int64_t i = 0; i < y.rows; ++i) {
      const Arrival& it =
          there.arrivals[static_cast<std::size_t>(rank)][static_cast<std::size_t>(i)];
      for (std::int64_t pair = it.token * 8; pair < it.token * 8 + 8; ++pair) {
        const std::int32_t expert =
            choices[static_cast<std::size_t>(it.source)][static_cast<std::size_t>(pair)];
        if (expert / 2 == rank) y(i, 0) += weight(pair) * x(it.source, it.token);
      }
    }
    rows.push_back(y);
  }
  for (std::int64_t source = 0; source < 64; ++source) {
    const Sum y = combine(rows, there, source, tokens[static_cast<std::size_t>(source)]);
    for (std::int64_t token = 0; token < y.value.rows; ++token) {
      double sum = 0;
      for (std::int64_t pair = token * 8; pair < token * 8 + 8; ++pair) sum += weight(pair);
      RC_ASSERT(y.value(token, 0) == sum * x(source, token));
    }
  }
}

}  // namespace
}  // namespace windtunnel::reference
