#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "kernels/moe/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel::reference {
namespace {

using generate::Logits;

constexpr RouterConfig kRouters[] = {kDeepSeekV3Router, kVl2SmallRouter, kVl2BaseRouter};

std::vector<double> some_bias(std::int64_t experts, std::uint64_t seed) {
  return generate::values(1, experts, generate::Pattern::kUniform, kFp32, seed).values;
}

/// Scores of one token, by the textbook.
std::vector<double> scores(const Matrix& logits, std::int64_t token, Scoring scoring) {
  std::vector<double> result;
  double sum = 0;
  for (std::int64_t e = 0; e < logits.columns; ++e) sum += std::exp(logits(token, e));
  for (std::int64_t e = 0; e < logits.columns; ++e) {
    const double power = std::exp(logits(token, e));
    result.push_back(scoring == Scoring::kSigmoid ? power / (1 + power) : power / sum);
  }
  return result;
}

TEST(Router, WithOneGroupTheExpertsAreTheFirstOfAFullSort) {
  for (const RouterConfig& config : {kVl2SmallRouter, kVl2BaseRouter}) {
    const Matrix logits = generate::router_logits(20, config.experts, Logits::kDistinct, 1);
    const std::vector<double> bias = some_bias(config.experts, 2);
    const Routing routing = route(logits, bias, config);
    for (std::int64_t token = 0; token < 20; ++token) {
      const std::vector<double> score = scores(logits, token, config.scoring);
      std::vector<std::pair<double, std::int32_t>> sorted;
      for (std::size_t e = 0; e < score.size(); ++e) {
        sorted.emplace_back(-(score[e] + bias[e]), static_cast<std::int32_t>(e));
      }
      std::sort(sorted.begin(), sorted.end());
      for (std::int64_t j = 0; j < config.top_k; ++j) {
        const auto place = static_cast<std::size_t>(j);
        EXPECT_EQ(routing.experts[static_cast<std::size_t>(token * config.top_k) + place],
                  sorted[place].second);
      }
    }
  }
}

TEST(Router, TiesGoToTheLowerIndex) {
  const Matrix logits = generate::router_logits(1, 256, Logits::kEqual, 1);
  const Routing routing = route(logits, {}, kDeepSeekV3Router);
  EXPECT_EQ(routing.experts, (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(routing.gaps, std::vector<double>{INFINITY});
  EXPECT_NEAR(routing.weights(0, 7), 2.5 / 8, 1e-15);
}

TEST(Router, AGroupCountsByItsTwoBest) {
  // Groups of two with one pair taken: {0.9, 0.1} sums to 1.0, {0.6, 0.6} to 1.2.
  const RouterConfig config{Scoring::kSigmoid, 4, 2, 1, 1, false, 1};
  const auto logit = [](double p) { return std::log(p / (1 - p)); };
  const Matrix logits{{logit(0.9), logit(0.1), logit(0.6), logit(0.6)}, 1, 4};
  const Routing routing = route(logits, {}, config);
  EXPECT_EQ(routing.experts, std::vector<std::int32_t>{2});
  EXPECT_NEAR(routing.weights(0, 0), 0.6, 1e-15);
  // Groups differ by 0.2; the expert's own closest rival that is smaller was in the other group.
  EXPECT_NEAR(routing.gaps[0], 0.2, 1e-15);
}

TEST(Router, BiasMovesTheChoiceButNotTheWeight) {
  const RouterConfig config{Scoring::kSoftmax, 3, 1, 1, 1, false, 1};
  const Matrix logits{{1, 0, 0}, 1, 3};
  EXPECT_EQ(route(logits, {}, config).experts[0], 0);
  const Routing moved = route(logits, std::vector<double>{0, 0, 1}, config);
  EXPECT_EQ(moved.experts[0], 2);
  EXPECT_NEAR(moved.weights(0, 0), 1 / (std::exp(1.0) + 2), 1e-15);
}

TEST(Router, AGapBehindATieIsTheGapToTheFirstSmaller) {
  const RouterConfig config{Scoring::kSigmoid, 3, 1, 1, 1, false, 1};
  const Matrix logits{{0, 0, -1e-3}, 1, 3};
  const double below = 1 / (1 + std::exp(1e-3));
  EXPECT_NEAR(route(logits, {}, config).gaps[0], 0.5 - below, 1e-15);
}

RC_GTEST_PROP(Router, ChosenExpertsAreDistinctWithinTheNodeLimitAndWeighTheFactor, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const RouterConfig config = kRouters[*rc::gen::inRange(0, 3)];
  const Logits kind = generate::kLogits[*rc::gen::inRange(0, 4)];
  const Matrix logits = generate::router_logits(4, config.experts, kind, seed);
  const Routing routing = route(logits, some_bias(config.experts, seed + 1), config);
  const auto top_k = static_cast<std::size_t>(config.top_k);
  for (std::size_t token = 0; token < 4; ++token) {
    std::set<std::int64_t> experts;
    std::set<std::int64_t> groups;
    double sum = 0;
    for (std::size_t j = 0; j < top_k; ++j) {
      const std::int64_t expert = routing.experts[token * top_k + j];
      experts.insert(expert);
      groups.insert(expert / (config.experts / config.groups));
      sum += routing.weights(static_cast<std::int64_t>(token), static_cast<std::int64_t>(j));
    }
    RC_ASSERT(experts.size() == top_k);
    RC_ASSERT(std::ssize(groups) <= config.top_groups);
    RC_ASSERT(routing.gaps[token] > 0);
    if (!config.normalized) RC_ASSERT(sum <= 1 + 1e-12);
    // 80 below zero a sigmoid is 2e-35, which the 1e-20 in the sum swallows.
    if (config.normalized && kind != Logits::kExtreme) {
      RC_ASSERT(std::abs(sum - config.factor) <= 1e-12);
    }
  }
}

// No expert outside the choice would have been better than one inside, among the groups kept.
RC_GTEST_PROP(Router, NoExpertOfAKeptGroupIsPassedOver, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const RouterConfig config = kDeepSeekV3Router;
  const Matrix logits = generate::router_logits(1, config.experts, Logits::kDistinct, seed);
  const Routing routing = route(logits, {}, config);
  const std::set<std::int64_t> chosen(routing.experts.begin(), routing.experts.end());
  std::set<std::int64_t> groups;
  double worst = INFINITY;
  for (const std::int64_t expert : chosen) {
    groups.insert(expert / 32);
    worst = std::min(worst, logits(0, expert));
  }
  for (std::int64_t expert = 0; expert < 256; ++expert) {
    if (groups.count(expert / 32) == 0 || chosen.count(expert) > 0) continue;
    RC_ASSERT(logits(0, expert) < worst);
  }
}

TEST(Router, GradientIsTheSlopeWhileTheChoiceStays) {
  for (RouterConfig config : kRouters) {
    config.experts = 16;
    config.top_k = 3;
    if (config.groups > 1) config.groups = 4;
    if (config.groups > 1) config.top_groups = 2;
    const Matrix logits = generate::router_logits(2, 16, Logits::kDistinct, 3);
    const Matrix dweights = generate::values(2, 3, generate::Pattern::kUniform, kFp32, 4);
    const Routing routing = route(logits, {}, config);
    const Sum gradient = route_backward(logits, routing, config, dweights);
    expect_gradient(logits, gradient.value, [&](MatrixView moved) {
      return dot(route(moved, {}, config).weights, dweights);
    });
    for (std::size_t i = 0; i < logits.values.size(); ++i) {
      EXPECT_LE(std::abs(gradient.value.values[i]), gradient.magnitude.values[i] + 1e-15);
    }
  }
}

}  // namespace
}  // namespace windtunnel::reference
