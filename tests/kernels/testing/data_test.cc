#include "kernels/testing/data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace windtunnel::generate {
namespace {

TEST(Data, EveryValueIsOneOfItsFormat) {
  for (const Pattern pattern : kPatterns) {
    for (const Format& format : {kBf16, kE4m3, kFp32}) {
      for (const double x : values(20, 30, pattern, format, 7).values) {
        ASSERT_EQ(x, round_to(x, format));
        ASSERT_LE(std::abs(x), format.largest);
      }
    }
  }
}

TEST(Data, ASeedMakesTheSameValuesAndAnotherOthers) {
  EXPECT_EQ(values(8, 8, Pattern::kUniform, kBf16, 1), values(8, 8, Pattern::kUniform, kBf16, 1));
  EXPECT_NE(values(8, 8, Pattern::kUniform, kBf16, 1), values(8, 8, Pattern::kUniform, kBf16, 2));
}

TEST(Data, PatternsAreWhatTheySay) {
  const Matrix zero = values(4, 4, Pattern::kZeros, kBf16, 1);
  EXPECT_EQ(zero, zeros(4, 4));
  const Matrix huge = values(4, 40, Pattern::kHuge, kBf16, 1);
  EXPECT_EQ(std::count(huge.values.begin(), huge.values.end(), 0x1p20), 1);
  for (const double x : values(4, 40, Pattern::kTiny, kE4m3, 1).values) {
    EXPECT_LE(std::abs(x), 4 * 0x1p-9);
  }
  const Matrix cancelling = values(1, 100, Pattern::kCancelling, kBf16, 1);
  for (std::int64_t j = 0; j < 100; ++j) EXPECT_EQ(std::signbit(cancelling(0, j)), j % 2 == 1);
}

TEST(Data, ATokensExpertsAreDistinctAndLoadsAreWhatTheySay) {
  constexpr std::int64_t kTopK = 6;
  for (const Load load : kLoads) {
    const std::vector<std::int32_t> chosen = choices(200, kTopK, 16, load, 3);
    ASSERT_EQ(chosen.size(), 1200U);
    std::vector<int> counts(16);
    int elsewhere = 0;
    for (auto it = chosen.begin(); it != chosen.end(); it += kTopK) {
      std::multiset<std::int32_t> token(it, it + kTopK);
      elsewhere += static_cast<int>(token.erase(-1));
      EXPECT_EQ(std::set<std::int32_t>(token.begin(), token.end()).size(), token.size());
      for (const std::int32_t e : token) ++counts.at(static_cast<std::size_t>(e));
    }
    EXPECT_EQ(elsewhere > 0, load == Load::kElsewhere);
    if (load == Load::kOneExpert) {
      EXPECT_EQ(counts[8], 200);
    }
    if (load == Load::kEmptyEnds) {
      EXPECT_EQ(counts[0] + counts[15], 0);
    }
    if (load == Load::kSkewed) {
      EXPECT_GT(counts[0], 2 * counts[15]);
    }
  }
}

TEST(Data, RaggedCountsHaveAnEmptyASingleAndAFullGroup) {
  const std::vector<std::int64_t> counts = ragged(8, 100, 5);
  EXPECT_EQ(counts.size(), 8U);
  EXPECT_EQ(std::vector<std::int64_t>(counts.begin(), counts.begin() + 3),
            (std::vector<std::int64_t>{0, 1, 100}));
  EXPECT_LE(*std::max_element(counts.begin(), counts.end()), 100);
}

TEST(Data, DistinctLogitsDifferWithinATokenAndTiesTie) {
  const Matrix distinct = router_logits(10, 64, Logits::kDistinct, 1);
  const Matrix ties = router_logits(10, 64, Logits::kTies, 1);
  for (std::int64_t i = 0; i < 10; ++i) {
    std::set<double> seen;
    std::set<double> few;
    for (std::int64_t j = 0; j < 64; ++j) {
      seen.insert(distinct(i, j));
      few.insert(ties(i, j));
    }
    EXPECT_EQ(seen.size(), 64U);
    EXPECT_LE(few.size(), 4U);
  }
}

}  // namespace
}  // namespace windtunnel::generate
