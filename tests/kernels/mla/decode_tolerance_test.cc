#include "kernels/mla/decode_tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "kernels/mla/decode_plan.h"
#include "kernels/testing/data.h"
#include "tests/kernels/single.h"

// An FP32 kernel whose approximations err as far as they may passes; one that leaves out a key,
// does not rescale or takes a rounded P for the sum is caught.
namespace windtunnel {
namespace {

using single::number;

enum class Fault { kNone, kMissesAKey, kNoRescale, kOneValueWrong, kUnweightedParts };

struct Kernel {
  single::Approximations fast;
  Fault fault = Fault::kNone;
  std::int64_t parts = 1;
};

struct Part {
  std::vector<float> o;  ///< of the columns that are asked for
  float log_sum;
};

constexpr std::int64_t kColumns = 4;

/// Keys [first, last) of one row, 16 at a time, as a kernel of FP32 in base 2.
Part part_of(const Matrix& q, const Matrix& cache, double scale, std::int64_t first,
             std::int64_t last, const Kernel& kernel) {
  const float c = number(number(scale) * 1.44269504F);
  float m = -INFINITY;
  float sum = 0;
  Part part{std::vector<float>(kColumns), 0};
  if (kernel.fault == Fault::kMissesAKey) --last;
  for (std::int64_t step = first; step < last; step += 16) {
    const std::int64_t end = std::min(step + 16, last);
    std::vector<float> scores;
    float largest = m;
    for (std::int64_t j = step; j < end; ++j) {
      float s = 0;
      for (std::int64_t d = 0; d < kDecodeWidth; ++d) s += number(q(0, d)) * number(cache(j, d));
      scores.push_back(s);
      largest = std::max(largest, s);
    }
    const float shrink = kernel.fault == Fault::kNoRescale ? 1 : kernel.fast.ex2((m - largest) * c);
    sum *= shrink;
    for (float& o : part.o) o *= shrink;
    for (std::int64_t j = step; j < end; ++j) {
      const auto score = scores[static_cast<std::size_t>(j - step)];
      const float p = kernel.fast.ex2(std::fma(score, c, -(largest * c)));
      sum += p;
      const bool wrong = kernel.fault == Fault::kOneValueWrong && j == first;
      for (std::int64_t d = 0; d < kColumns; ++d) {
        const float v = number(cache(wrong ? j + 1 : j, d));
        part.o[static_cast<std::size_t>(d)] += number(single::bf16(p)) * v;
      }
    }
    m = largest;
  }
  for (float& o : part.o) o *= kernel.fast.rcp(sum);
  part.log_sum = m * c + number(std::log2(sum) + kernel.fast.sign * kLg2Error * 0.9);
  return part;
}

Part merged(const std::vector<Part>& parts, const Kernel& kernel) {
  float largest = -INFINITY;
  for (const Part& it : parts) largest = std::max(largest, it.log_sum);
  float sum = 0;
  Part result{std::vector<float>(kColumns), 0};
  for (const Part& it : parts) {
    const float w =
        kernel.fault == Fault::kUnweightedParts ? 1 : kernel.fast.ex2(it.log_sum - largest);
    sum += w;
    for (std::size_t d = 0; d < kColumns; ++d) result.o[d] += w * it.o[d];
  }
  for (float& o : result.o) o *= kernel.fast.rcp(sum);
  result.log_sum = largest + number(std::log2(sum) + kernel.fast.sign * kLg2Error * 0.9);
  return result;
}

struct Shares {
  double output;
  double log_sum;
};

/// Largest shares of the tolerances that `keys` keys use.
Shares shares(std::int32_t keys, double scale, const Kernel& kernel) {
  Shares worst{0, 0};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const std::int64_t pages = (keys + 63) / 64;
    const auto kUniform = generate::Pattern::kUniform;
    const Matrix q = generate::values(1, kDecodeWidth, kUniform, kBf16, seed);
    const Matrix cache =
        generate::values(pages * kPageTokens, kDecodeWidth, kUniform, kBf16, seed + 50);
    std::vector<std::int32_t> table;
    for (std::int32_t i = 0; i < pages; ++i) table.push_back(i);
    const std::vector<std::int32_t> lengths = {keys};
    const reference::Decoded want =
        reference::decode({q, cache, table, pages, lengths, 1, 1, number(scale)});
    std::vector<Part> parts;
    for (std::int64_t i = 0; i < kernel.parts; ++i) {
      parts.push_back(
          part_of(q, cache, scale, keys * i / kernel.parts, keys * (i + 1) / kernel.parts, kernel));
    }
    const Part got = kernel.parts == 1 ? parts[0] : merged(parts, kernel);
    const tolerance::DecodeSteps steps{static_cast<double>((keys + 15) / 16),
                                       static_cast<double>(kernel.parts)};
    const reference::DecodeRow& row = want.rows[0];
    const double error = std::abs(got.log_sum * 0.69314718F - row.log_sum);
    worst.log_sum = std::max(worst.log_sum, error / tolerance::decode_log_sum(row, steps));
    for (std::int64_t d = 0; d < kColumns; ++d) {
      const double o = want.o.value(0, d);
      const double stored = single::bf16(got.o[static_cast<std::size_t>(d)]);
      const double allowed = tolerance::decode_output(o, want.o.magnitude(0, d), row, steps);
      worst.output = std::max(worst.output, std::abs(stored - o) / allowed);
    }
  }
  return worst;
}

TEST(DecodeTolerance, AnFp32KernelPasses) {
  for (const auto fast : single::kApproximations) {
    for (const std::int32_t keys : {1, 17, 150}) {
      for (const double scale : {0.02, 0.15}) {
        for (const std::int64_t parts : {1, 3}) {
          if (keys < parts) continue;
          const Shares share = shares(keys, scale, {fast, Fault::kNone, parts});
          EXPECT_LE(share.output, 1) << keys << " " << scale << " " << parts;
          EXPECT_LE(share.log_sum, 1) << keys << " " << scale << " " << parts;
        }
      }
    }
  }
}

TEST(DecodeTolerance, SmallFaultsAreFound) {
  const auto fast = single::kApproximations[0];
  EXPECT_GT(shares(150, 0.07, {fast, Fault::kMissesAKey, 1}).log_sum, 1);
  EXPECT_GT(shares(1500, 0.07, {fast, Fault::kMissesAKey, 1}).log_sum, 1);
  EXPECT_GT(shares(150, 0.07, {fast, Fault::kMissesAKey, 1}).output, 1);
  EXPECT_GT(shares(150, 0.07, {fast, Fault::kNoRescale, 1}).output, 1);
  EXPECT_GT(shares(150, 0.07, {fast, Fault::kNoRescale, 1}).log_sum, 1);
  EXPECT_GT(shares(150, 0.07, {fast, Fault::kOneValueWrong, 1}).output, 1);
  EXPECT_GT(shares(150, 0.07, {fast, Fault::kUnweightedParts, 3}).output, 1);
  EXPECT_GT(shares(150, 0.07, {fast, Fault::kUnweightedParts, 3}).log_sum, 1);
}

// Worst cases seldom meet: that bounds are no larger than they have to be is counted by hand.
TEST(DecodeTolerance, BoundsAreTheSumsTheHeaderSays) {
  const reference::DecodeRow row{.log_sum = 3, .size = 2, .range = 4, .magnitude = 10, .keys = 100};
  const double score = 10 * 792;
  // exponential of 4 around 2: ex2's 4 u, 3 x 4, 2; five rescales of ex2, 2 and u, and 3 x 4.
  const double p = score + 4 + 12 + 2 + 5 * (4 + 2 + 1) + 12;
  const double sums = 137.5 + 5 * 1.375 + 105;
  const auto expect = [](double got, double by_hand) { EXPECT_NEAR(got, by_hand, by_hand / 50); };
  const double one = tolerance::decode_output(1, 2, row, {5, 1}) - 0x1p-8 - 2 * 0x1p-8;
  expect(single::units(one), 2 * (2 * p + sums + 4) + 0x1p16 * 2 / 256);
  // The log sum: scores, exponentials, 105 additions, and (3 + 2) (4 + 2) + 3 for its logarithm.
  expect(single::units(tolerance::decode_log_sum(row, {5, 1})), p - 5 + 105 + 33);
  // Parts add the logarithm and exponential of a weight, twice: sizes grow by log 100.
  const double size = 2 + std::log(100.0);
  const double range = 4 + std::log(100.0);
  const double weight = (size + 2) * 6 + size + 4 + 3 * range + size;
  const double three = tolerance::decode_output(1, 2, row, {5, 3}) - 0x1p-8 - 2 * 0x1p-8;
  expect(single::units(three - one), 2 * (2 * (weight + 4) + 3));
}

}  // namespace
}  // namespace windtunnel
