// The router on the device model, against kernels/moe/reference.h.
#include <algorithm>
#include <cmath>

#include "kernels/moe/router.cuh"
#include "kernels/moe/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Logits;
using reference::RouterConfig;
using reference::Scoring;

struct Case {
  std::int64_t tokens;
  Logits logits;
  bool biased;
  /// Added to every bias: -2 makes all biased scores negative.
  double shift = 0;
};

double largest(MatrixView x) {
  double size = 0;
  for (const double value : x.values) size = std::max(size, std::abs(value));
  return size;
}

void check_router(Gpu& gpu, const RouterConfig& config, const Case& it, std::uint64_t seed) {
  const Matrix logits = generate::router_logits(it.tokens, config.experts, it.logits, seed);
  // Eighths: coarse enough for ties to stay ties and for scores not to be near by accident.
  Matrix bias = zeros(1, config.experts);
  generate::Random random(seed + 9);
  for (double& value : bias.values) {
    value = static_cast<double>(random.below(3) - 1) / 8 + it.shift;
  }
  const std::span<const double> used =
      it.biased ? std::span<const double>(bias.values) : std::span<const double>();
  const reference::Routing want = reference::route(logits, used, config);

  const Buffer<float> in(gpu, fp32_values(logits), "logits");
  const Buffer<float> added(gpu, fp32_values(bias), "bias");
  const auto chosen = result_buffer<std::int32_t>(gpu, it.tokens * config.top_k, "chosen");
  const auto weights = result_buffer<float>(gpu, it.tokens * config.top_k, "weights");
  const LaunchReport report = launch_router(gpu,
                                            {.logits = in.data(),
                                             .bias = it.biased ? added.data() : nullptr,
                                             .chosen = chosen.data(),
                                             .weights = weights.data(),
                                             .tokens = static_cast<int>(it.tokens),
                                             .experts = static_cast<int>(config.experts),
                                             .groups = static_cast<int>(config.groups),
                                             .top_groups = static_cast<int>(config.top_groups),
                                             .top_k = static_cast<int>(config.top_k),
                                             .normalized = config.normalized,
                                             .factor = static_cast<float>(config.factor)},
                                            config.scoring == Scoring::kSoftmax, 1);
  ASSERT_EQ(report.failure, "");
  const double size = largest(logits);
  const double near =
      tolerance::decision(config.scoring, size, config.experts, std::abs(it.shift) + 0.125);
  const std::vector<std::int32_t> experts = chosen.download();
  const Matrix got = downloaded(weights, it.tokens, config.top_k);
  std::int64_t compared = 0;
  for (std::int64_t token = 0; token < it.tokens; ++token) {
    if (want.gaps[static_cast<std::size_t>(token)] < near) continue;
    ++compared;
    for (std::int64_t j = 0; j < config.top_k; ++j) {
      const auto at = static_cast<std::size_t>(token * config.top_k + j);
      ASSERT_EQ(experts[at], want.experts[at]) << "token " << token << ", choice " << j;
      const double weight = want.weights(token, j);
      ASSERT_TRUE(std::abs(got(token, j) - weight) <= tolerance::weight(weight, size, config))
          << "weight of token " << token << ", choice " << j << ": " << got(token, j)
          << " instead of " << weight;
    }
  }
  // Close decisions must stay rare, or nothing is compared.
  ASSERT_GE(2 * compared, it.tokens);
}

/// Without bias every kind of logits; 70 tokens are more than the 64 that the grid holds at once.
void check_all(const RouterConfig& config) {
  on_every_seed([&](Gpu& gpu, std::uint64_t seed) {
    check_router(gpu, config, {7, Logits::kTies, false}, seed);
    check_router(gpu, config, {5, Logits::kDistinct, true}, seed);
    check_router(gpu, config, {3, Logits::kTies, true, -2}, seed);
    check_router(gpu, config, {70, Logits::kDistinct, false}, seed);
    check_router(gpu, config, {3, Logits::kEqual, true}, seed);
    if (config.scoring == Scoring::kSigmoid) {
      check_router(gpu, config, {3, Logits::kExtreme, false}, seed);
    }
  });
}

TEST(RouterKernel, DeepSeekV3) { check_all(reference::kDeepSeekV3Router); }
TEST(RouterKernel, Vl2Small) { check_all(reference::kVl2SmallRouter); }
TEST(RouterKernel, Vl2Base) { check_all(reference::kVl2BaseRouter); }
TEST(RouterKernel, GroupsOfOneAndSoftmaxOverGroups) {
  check_all({Scoring::kSigmoid, 32, 32, 5, 3, true, 1.0});
  check_all({Scoring::kSoftmax, 64, 4, 2, 6, true, 1.5});
  check_all({Scoring::kSigmoid, 104, 1, 1, 8, false, 1.0});
}

TEST(RouterKernel, TakesNoTokensAndRefusesWhatItHasNoKernelFor) {
  Gpu gpu;
  const auto run = [&](const RouterArguments& a) {
    return launch_router(gpu, a, false, 1).failure;
  };
  EXPECT_EQ(run({.experts = 64, .groups = 1, .top_groups = 1, .top_k = 6}), "");
  EXPECT_EQ(run({.tokens = 1, .experts = 512, .groups = 1, .top_groups = 1, .top_k = 6}),
            "router: at most 32 choices, and 1, 2, 3, 4 or 8 scores a lane");
  EXPECT_EQ(run({.tokens = 1, .experts = 102, .groups = 1, .top_groups = 1, .top_k = 6}),
            "router: groups with 4 scores a lane or more must be a multiple of 4");
}

}  // namespace
}  // namespace windtunnel::device
