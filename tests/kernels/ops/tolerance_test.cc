#include "kernels/ops/tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/ops/error.h"
#include "kernels/testing/data.h"
#include "tests/kernels/single.h"

// Each bound is asked twice: an FP32 kernel whose approximations err as far as they may passes on
// every pattern, and one with a small fault is caught.
namespace windtunnel {
namespace {

using generate::Pattern;
using single::number;

TEST(OpsError, SumsAndStoresAreBoundedByTheirDefinitions) {
  EXPECT_EQ(kUnit, 0x1p-24);
  EXPECT_NEAR(roundings(1000), 1000 * kUnit, 1e-8);
  // 1 lies below 1 + 2^-7 in BF16: half of that distance, and an error that reaches the next
  // binade is rounded by that binade's distance.
  EXPECT_NEAR(stored(1, 0, kBf16), 0x1p-8, 1e-30);
  EXPECT_NEAR(stored(1.99, 0.02, kBf16), 0.02 + 0x1p-7, 1e-15);
}

/// The largest share of its tolerance that an element of a quantised block uses.
template <typename Round>
double code_share(const Matrix& x, Round rounded) {
  double worst = 0;
  const reference::Quantized q =
      reference::quantize(x, reference::kActivationBlock, reference::ScaleKind::kExact);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) {
      const double exact = q.scales(i, j / 128);
      const float scale = number(exact * 448) * (1.0F / 448);
      const double allowed = tolerance::scale(reference::ScaleKind::kExact) * exact;
      EXPECT_LE(std::abs(scale - exact), allowed);
      const double ratio = x(i, j) / scale;
      const double code = rounded(number(x(i, j)) * (1.0F / scale));
      worst = std::max(worst, std::abs(code - ratio) / tolerance::code(ratio));
    }
  }
  return worst;
}

TEST(OpsTolerance, CodesOfAReciprocalPassAndTruncatedOnesDoNot) {
  for (const Pattern pattern : generate::kPatterns) {
    const Matrix x = generate::values(8, 300, pattern, kBf16, 1);
    EXPECT_LE(code_share(x, [](float ratio) { return round_to(ratio, kE4m3); }), 1);
  }
  const Matrix x = generate::values(8, 300, Pattern::kUniform, kBf16, 1);
  EXPECT_GT(code_share(x,
                       [](float ratio) {
                         const double unit = spacing(ratio, kE4m3);
                         return std::trunc(ratio / unit) * unit;
                       }),
            1.5);
}

/// RMSNorm of row i in FP32 over the first `terms` columns.
float root_of(const Matrix& x, std::int64_t i, std::int64_t terms, single::Approximations fast) {
  float sum = 0;
  for (std::int64_t j = 0; j < terms; ++j) sum += number(x(i, j)) * number(x(i, j));
  return fast.rsqrt(sum * (1.0F / number(static_cast<double>(x.columns))) + 1e-6F);
}

double norm_share(const Matrix& x, std::int64_t terms, single::Approximations fast) {
  const Matrix gamma = generate::values(1, x.columns, Pattern::kUniform, kBf16, 9);
  const Matrix y = reference::rms_norm(x, gamma.values, number(1e-6));
  double worst = 0;
  for (std::int64_t i = 0; i < x.rows; ++i) {
    const float r = root_of(x, i, terms, fast);
    for (std::int64_t j = 0; j < x.columns; ++j) {
      const double got = single::bf16(number(x(i, j)) * r * number(gamma(0, j)));
      const double allowed = tolerance::rms_norm(y(i, j), static_cast<double>(x.columns));
      worst = std::max(worst, std::abs(got - y(i, j)) / allowed);
    }
  }
  return worst;
}

TEST(OpsTolerance, TheInverseRootPassesBeforeItIsRounded) {
  for (const auto fast : single::kApproximations) {
    for (const Pattern pattern : generate::kPatterns) {
      const Matrix x = generate::values(3, 200, pattern, kBf16, 2);
      for (std::int64_t i = 0; i < 3; ++i) {
        double squares = 0;
        for (std::int64_t j = 0; j < 200; ++j) squares += x(i, j) * x(i, j);
        const double exact = 1 / std::sqrt(squares / 200 + number(1e-6));
        const double error = std::abs(root_of(x, i, 200, fast) - exact);
        EXPECT_LE(error, exact * tolerance::inverse_root(200));
      }
    }
  }
}

TEST(OpsTolerance, RmsNormPassesAndMissesNoColumn) {
  for (const auto fast : single::kApproximations) {
    for (const Pattern pattern : generate::kPatterns) {
      EXPECT_LE(norm_share(generate::values(3, 200, pattern, kBf16, 2), 200, fast), 1);
    }
    EXPECT_GT(norm_share(generate::values(3, 64, Pattern::kCancelling, kBf16, 2), 63, fast), 1);
  }
}

struct BackwardShares {
  double dx;
  double dgamma;
};

/// `mean_share` 1 is right; anything else is a fault in the mean of g z.
BackwardShares norm_backward_shares(const Matrix& x, float mean_share,
                                    single::Approximations fast) {
  const std::int64_t n = x.columns;
  const Matrix gamma = generate::values(1, n, Pattern::kUniform, kBf16, 9);
  const Matrix dy = generate::values(x.rows, n, Pattern::kUniform, kBf16, 10);
  const reference::NormGradient expected =
      reference::rms_norm_backward(x, gamma.values, number(1e-6), dy);
  BackwardShares worst{0, 0};
  std::vector<float> dgamma(static_cast<std::size_t>(n));
  const auto depth = static_cast<double>(n);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    const float r = root_of(x, i, n, fast);
    float mean = 0;
    for (std::int64_t j = 0; j < n; ++j) {
      mean += number(dy(i, j)) * number(gamma(0, j)) * (number(x(i, j)) * r);
      dgamma[static_cast<std::size_t>(j)] += number(dy(i, j)) * (number(x(i, j)) * r);
    }
    mean *= mean_share / number(depth);
    for (std::int64_t j = 0; j < n; ++j) {
      const float g = number(dy(i, j)) * number(gamma(0, j));
      const double got = single::bf16(r * (g - number(x(i, j)) * r * mean));
      const double allowed =
          tolerance::rms_norm_backward(expected.dx.value(i, j), expected.dx.magnitude(i, j), depth);
      worst.dx = std::max(worst.dx, std::abs(got - expected.dx.value(i, j)) / allowed);
    }
  }
  for (std::int64_t j = 0; j < n; ++j) {
    const double error =
        std::abs(dgamma[static_cast<std::size_t>(j)] - expected.dgamma.value(0, j));
    const double allowed = tolerance::rms_norm_gamma(expected.dgamma.magnitude(0, j),
                                                     static_cast<double>(x.rows), depth);
    worst.dgamma = std::max(worst.dgamma, error / allowed);
  }
  return worst;
}

TEST(OpsTolerance, RmsNormBackwardPassesAndAWrongMeanDoesNot) {
  for (const auto fast : single::kApproximations) {
    for (const Pattern pattern : generate::kPatterns) {
      const Matrix x = generate::values(5, 200, pattern, kBf16, 3);
      const BackwardShares shares = norm_backward_shares(x, 1, fast);
      EXPECT_LE(shares.dx, 1);
      EXPECT_LE(shares.dgamma, 1);
    }
    const Matrix x = generate::values(5, 64, Pattern::kUniform, kBf16, 3);
    EXPECT_GT(norm_backward_shares(x, 64.0F / 63, fast).dx, 1);
  }
}

TEST(OpsTolerance, RopePassesAndAnglesInBf16DoNot) {
  const generate::Angles angles = generate::angles(4, 32, 4);
  for (const Pattern pattern : generate::kPatterns) {
    const Matrix x = generate::values(4, 64, pattern, kBf16, 5);
    const Sum y = reference::rope(x, angles.cosines, angles.sines);
    double worst = 0;
    double coarse = 0;
    for (std::int64_t i = 0; i < 4; ++i) {
      for (std::int64_t j = 0; j < 32; ++j) {
        const float a = number(x(i, 2 * j));
        const float b = number(x(i, 2 * j + 1));
        const auto got = [&](const Format& format) {
          const float c = number(round_to(angles.cosines(i, j), format));
          return single::bf16(a * c - b * number(round_to(angles.sines(i, j), format)));
        };
        const double exact = y.value(i, 2 * j);
        const double allowed = tolerance::rope(exact, y.magnitude(i, 2 * j));
        worst = std::max(worst, std::abs(got(kFp32) - exact) / allowed);
        coarse = std::max(coarse, std::abs(got(kBf16) - exact) / allowed);
      }
    }
    EXPECT_LE(worst, 1);
    EXPECT_EQ(coarse > 2, pattern != Pattern::kZeros);
  }
}

struct LossShares {
  double loss;
  double gradient;
};

/// One pass with a running maximum over the first `terms` logits.
LossShares loss_shares(const std::vector<double>& logits, std::size_t terms,
                       single::Approximations fast) {
  float largest = -INFINITY;
  float sum = 0;
  double rescales = 0;
  for (std::size_t i = 0; i < terms; ++i) {
    const float x = number(logits[i]);
    if (x > largest) {
      if (i > 0) ++rescales;
      sum = i > 0 ? sum * fast.exp(largest - x) : 0.0F;
      largest = x;
    }
    sum += fast.exp(x - largest);
  }
  const float all = largest + number(std::log2(sum) + fast.sign * kLg2Error) * 0.693147181F;
  const reference::LossPart part = reference::loss_part(logits, 0, 3);
  const double exact = reference::log_sum(part);
  const auto [least, most] = std::minmax_element(logits.begin(), logits.end());
  const tolerance::LossRow row{std::max(std::abs(*least), std::abs(*most)), *most - *least,
                               static_cast<double>(logits.size()), rescales};
  LossShares worst{0, 0};
  worst.loss = std::abs(all - number(logits[3]) - reference::loss(part)) /
               tolerance::loss(exact, reference::loss(part), row);
  const std::vector<double> gradient = reference::loss_gradient(logits, 0, 3, exact, 0.125);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float p = fast.exp(number(logits[i]) - all);
    const double got = single::bf16((p - (i == 3 ? 1.0F : 0.0F)) * 0.125F);
    const double allowed =
        tolerance::loss_gradient(gradient[i], 0.125 * std::exp(logits[i] - exact), exact, row);
    worst.gradient = std::max(worst.gradient, std::abs(got - gradient[i]) / allowed);
  }
  return worst;
}

TEST(OpsTolerance, CrossEntropyPassesAndMissesNoLogit) {
  for (const auto fast : single::kApproximations) {
    for (const double scale : {0.0, 1.0, 30.0, 1000.0}) {
      Matrix x = generate::values(1, 500, Pattern::kUniform, kBf16, 6);
      for (double& it : x.values) it = round_to(it * scale, kBf16);
      const LossShares shares = loss_shares(x.values, 500, fast);
      EXPECT_LE(shares.loss, 1) << scale;
      EXPECT_LE(shares.gradient, 1) << scale;
    }
    const Matrix x = generate::values(1, 500, Pattern::kUniform, kBf16, 6);
    EXPECT_GT(loss_shares(x.values, 499, fast).loss, 1);
  }
}

TEST(OpsTolerance, SumsPassAndMissNoTerm) {
  const Matrix x = generate::values(1, 1000, Pattern::kUniform, kBf16, 7);
  double exact = 0;
  double magnitude = 0;
  float sum = 0;
  for (const double it : x.values) {
    exact += it;
    magnitude += std::abs(it);
    sum += number(it);
  }
  EXPECT_LE(std::abs(sum - exact), tolerance::summed(magnitude, 1000));
  EXPECT_GT(std::abs(x.values.back()), tolerance::summed(magnitude, 1000));
}

TEST(OpsTolerance, ProductsRoundOnceOnTheWayToBf16) {
  const Matrix x = generate::values(16, 16, Pattern::kUniform, kBf16, 8);
  const float factor = 0.3F;
  for (const double it : x.values) {
    const double exact = it * static_cast<double>(factor);
    const double got = single::bf16(number(it) * factor);
    EXPECT_LE(std::abs(got - exact), tolerance::scaled(exact));
    EXPECT_LE(std::abs(got - exact), tolerance::dequantized(exact));
    EXPECT_GT(std::abs(exact - got * (1 + 0x1p-6)), tolerance::scaled(exact));
  }
}

TEST(OpsTolerance, AdamInFp32PassesAndOneWithoutItsCorrectionDoesNot) {
  const reference::AdamRule rule{.rate = 2.2e-4F,
                                 .beta1 = 0.9F,
                                 .beta2 = 0.95F,
                                 .epsilon = 0x1p-6F,
                                 .decay = 0.1F,
                                 .mean_correction = 4,
                                 .square_correction = 6};
  const reference::AdamState before{.weight = 0.75, .mean = 0.5, .square = 0.25};
  const auto step = [&](float correction) {
    const float gradient = -0.6875F;
    const float mean =
        static_cast<float>(rule.beta1) * 0.5F + (1 - static_cast<float>(rule.beta1)) * gradient;
    const float square = static_cast<float>(rule.beta2) * 0.25F +
                         (1 - static_cast<float>(rule.beta2)) * (gradient * gradient);
    const float root = std::sqrt(square * static_cast<float>(rule.square_correction)) + 0x1p-6F;
    return 0.75F - static_cast<float>(rule.rate) *
                       (mean * correction / root + static_cast<float>(rule.decay) * 0.75F);
  };
  const double want = reference::adam(rule, before, -0.6875).weight;
  const double allowed = tolerance::adam(rule, before, -0.6875).weight;
  EXPECT_LE(std::abs(step(4) - want), allowed);
  EXPECT_GT(std::abs(step(1) - want), allowed);
}

// Worst cases seldom meet, so no kernel shows that a bound is not larger than it has to be: this
// does. Counted in units by hand after the sentence beside each bound (ex2 and rsqrt 4, rcp 2).
TEST(OpsTolerance, BoundsAreTheSumsTheirSentencesSay) {
  using single::units;
  using single::units_of_stored;
  constexpr auto kExact = reference::ScaleKind::kExact;
  const auto expect = [](double got, double by_hand) { EXPECT_NEAR(got, by_hand, by_hand / 50); };
  expect(units(tolerance::scale(kExact)), 4);
  expect(units(tolerance::scale(kExact, 0x1p-20)), 4 + 16);
  EXPECT_EQ(tolerance::scale(reference::ScaleKind::kPowerOfTwo), 0);
  expect(units(tolerance::code(1) - 0x1p-4), 4);
  expect(units_of_stored(tolerance::dequantized(1)), 1);
  expect(units(tolerance::inverse_root(200)), 203 / 2.0 + 4);
  expect(units_of_stored(tolerance::rms_norm(1, 200)), 105.5 + 2);
  expect(units_of_stored(tolerance::rms_norm_backward(1, 3, 200)), 3 * (3 * 105.5 + 208));
  expect(units(tolerance::rms_norm_gamma(2, 50, 200)), 2 * (105.5 + 52));
  expect(units_of_stored(tolerance::rope(1, 1.5)), 1.5 * 2);
  expect(units(tolerance::exponential(10, 20)), 4 + 3 * 10 + 20);
  // Logits up to 20 over a range of 30, 100 additions, 2 rescalings.
  const tolerance::LossRow row{20, 30, 100, 2};
  const double log_sum = (4 + 90 + 20) + 2 * (4 + 20) + 90 + 102 + 25 * (4 + 2) + 5;
  expect(units(tolerance::log_sum(5, row)), log_sum);
  expect(units(tolerance::loss(5, 3, row)), log_sum + 3);
  expect(units(tolerance::loss_gradient(0.5, 0.5, 5, row) - 0x1p-9),
         0.5 * (log_sum + 4 + 3 * 55 + 5) + 0.5 * 2);
  expect(units(tolerance::summed(2, 100)), 200);
  expect(units_of_stored(tolerance::scaled(1)), 1);
}

}  // namespace
}  // namespace windtunnel
