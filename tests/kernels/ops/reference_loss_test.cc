#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

#include "kernels/ops/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Pattern;

TEST(CrossEntropy, EqualLogitsLoseTheLogOfTheVocabulary) {
  const std::vector<double> logits(64, 3.0);
  const LossPart part = loss_part(logits, 0, 5);
  EXPECT_NEAR(loss(part), std::log(64.0), 1e-14);
  EXPECT_EQ(part.target, 3);
}

TEST(CrossEntropy, LargeLogitsDoNotOverflow) {
  const std::vector<double> logits{1e4, 0, -1e4};
  EXPECT_EQ(loss(loss_part(logits, 0, 0)), 0);
  EXPECT_EQ(loss(loss_part(logits, 0, 2)), 2e4);
}

TEST(CrossEntropy, ProbabilitiesSumToOneSoTheGradientSumsToZero) {
  const Matrix x = generate::values(1, 300, Pattern::kHuge, kBf16, 1);
  const double all = log_sum(loss_part(x.values, 0, 7));
  const std::vector<double> gradient = loss_gradient(x.values, 0, 7, all, 0.5);
  EXPECT_NEAR(std::accumulate(gradient.begin(), gradient.end(), 0.0), 0, 1e-12);
}

TEST(CrossEntropy, GradientIsTheSlope) {
  const Matrix x = generate::values(1, 40, Pattern::kUniform, kBf16, 2);
  const double all = log_sum(loss_part(x.values, 0, 11));
  const Matrix gradient{loss_gradient(x.values, 0, 11, all, 1), 1, 40};
  expect_gradient(x, gradient,
                  [](MatrixView moved) { return loss(loss_part(moved.values, 0, 11)); });
}

RC_GTEST_PROP(CrossEntropy, RangesOfTheVocabularyMergeToTheWhole, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto vocabulary = *rc::gen::inRange<std::int64_t>(2, 80);
  const auto cut = *rc::gen::inRange<std::int64_t>(1, vocabulary);
  const auto target = *rc::gen::inRange<std::int64_t>(0, vocabulary);
  Matrix x = generate::values(1, vocabulary, Pattern::kUniform, kBf16, seed);
  for (double& it : x.values) it *= 64;
  const std::span<const double> row = x.values;
  const auto first = row.first(static_cast<std::size_t>(cut));
  const auto second = row.subspan(static_cast<std::size_t>(cut));
  const LossPart whole = loss_part(row, 0, target);
  const LossPart parts = merged(loss_part(first, 0, target), loss_part(second, cut, target));
  RC_ASSERT(std::abs(loss(parts) - loss(whole)) <= 1e-12 * (1 + std::abs(loss(whole))));
  std::vector<double> gradient = loss_gradient(first, 0, target, log_sum(whole), 1);
  const std::vector<double> rest = loss_gradient(second, cut, target, log_sum(whole), 1);
  gradient.insert(gradient.end(), rest.begin(), rest.end());
  RC_ASSERT(gradient == loss_gradient(row, 0, target, log_sum(whole), 1));
}

}  // namespace
}  // namespace windtunnel::reference
