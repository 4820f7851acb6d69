#include "kernels/mla/decode_reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/mla/decode_plan.h"
#include "kernels/testing/data.h"

namespace windtunnel::reference {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Two requests of 70 and 3 tokens over pages 2, 0 and 1; what is not theirs is NaN.
struct Step {
  std::vector<std::int32_t> table = {2, 0, -7, 1, 99999, -1};
  std::vector<std::int32_t> lengths = {70, 3};
  Matrix cache =
      generate::values(3 * kPageTokens, kDecodeWidth, generate::Pattern::kUniform, kBf16, 1);
  Matrix q = generate::values(2 * 2 * 3, kDecodeWidth, generate::Pattern::kUniform, kBf16, 2);

  Step() {
    for (std::int64_t d = 0; d < kDecodeWidth; ++d) {
      for (std::int64_t j = 6; j < kPageTokens; ++j) cache(j, d) = std::nan("");
      for (std::int64_t j = 3; j < kPageTokens; ++j) cache(kPageTokens + j, d) = std::nan("");
    }
  }
  DecodeInput input() const { return {q, cache, table, 3, lengths, 2, 3, 0.07}; }
};

TEST(DecodeReference, QueriesOfZeroAverageWhatTheySee) {
  Step step;
  step.q = zeros(12, kDecodeWidth);
  const Decoded result = decode(step.input());
  const auto mean = [&](std::int64_t page, std::int64_t tokens, std::int64_t d) {
    double sum = 0;
    for (std::int64_t j = 0; j < tokens; ++j) sum += step.cache(page * kPageTokens + j, d);
    return sum / static_cast<double>(tokens);
  };
  // The second request's first token sees two of its three keys.
  EXPECT_NEAR(result.o.value(6, 5), mean(1, 2, 5), 1e-14);
  EXPECT_NEAR(result.o.value(9, 5), mean(1, 3, 5), 1e-14);
  EXPECT_NEAR(result.rows[6].log_sum, std::log(2), 1e-14);
  EXPECT_NEAR(result.rows[0].log_sum, std::log(69), 1e-14);
  const double first = (mean(2, 64, 7) * 64 + mean(0, 6, 7) * 6) / 70;
  EXPECT_NEAR(result.o.value(3, 7), first, 1e-14);
}

TEST(DecodeReference, IsTheSoftmaxOfItsScores) {
  const Step step;
  const Decoded result = decode(step.input());
  const std::int64_t row = 11;  // last head of the second request's last token
  double sum = 0;
  double o = 0;
  for (std::int64_t j = 0; j < 3; ++j) {
    double score = 0;
    for (std::int64_t d = 0; d < kDecodeWidth; ++d) {
      score += step.q(row, d) * step.cache(kPageTokens + j, d);
    }
    sum += std::exp(0.07 * score);
    o += std::exp(0.07 * score) * step.cache(kPageTokens + j, 511);
  }
  EXPECT_NEAR(result.o.value(row, 511), o / sum, 1e-14);
  EXPECT_NEAR(result.rows[11].log_sum, std::log(sum), 1e-14);
}

TEST(DecodeReference, RotaryChannelsScoreButAreNoValue) {
  Step step;
  const Decoded before = decode(step.input());
  for (std::int64_t d = kDecodeLatent; d < kDecodeWidth; ++d) step.cache(2 * kPageTokens, d) += 1;
  const Decoded after = decode(step.input());
  EXPECT_NE(before.rows[0].log_sum, after.rows[0].log_sum);
  EXPECT_EQ(before.o.value.columns, kDecodeLatent);
  EXPECT_EQ(before.rows[6].log_sum, after.rows[6].log_sum);
}

TEST(DecodeReference, RowsThatSeeNothingAreZeros) {
  Step step;
  step.lengths = {1, 0};
  const Decoded result = decode(step.input());
  for (const std::size_t row : {0U, 2U, 6U, 11U}) {
    EXPECT_EQ(result.rows[row].log_sum, -kInfinity);
    EXPECT_EQ(result.o.value(static_cast<std::int64_t>(row), 3), 0);
  }
  EXPECT_EQ(result.o.value(3, 9), step.cache(2 * kPageTokens, 9));
}

TEST(DecodeReference, TellsTheSizesOfScores) {
  Step step;
  step.lengths = {0, 2};
  step.q = zeros(12, kDecodeWidth);
  step.cache = zeros(3 * kPageTokens, kDecodeWidth);
  step.q(9, 0) = 2;
  step.q(9, 575) = 1;
  step.cache(64, 0) = 3;
  step.cache(64, 575) = -4;
  step.cache(65, 575) = -8;
  const DecodeRow row = decode(step.input()).rows[9];
  EXPECT_NEAR(row.size, 0.07 * 8, 1e-14);
  EXPECT_NEAR(row.range, 0.07 * 10, 1e-14);
  EXPECT_NEAR(row.magnitude, 0.07 * 10, 1e-14);
  EXPECT_EQ(row.keys, 2);
}

}  // namespace
}  // namespace windtunnel::reference
