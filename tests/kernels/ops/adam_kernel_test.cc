// The Adam kernel on the device model, against the step in double.
#include <cmath>

#include "kernels/ops/adam.cuh"
#include "kernels/ops/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Pattern;

void check_adam(Gpu& gpu, std::int64_t count, std::int64_t t, std::uint64_t seed) {
  const Matrix w = generate::values(1, count, Pattern::kUniform, kFp32, seed);
  const Matrix g = generate::values(1, count, Pattern::kUniform, kFp32, seed + 1);
  Matrix m = generate::values(1, count, Pattern::kUniform, kBf16, seed + 2);
  Matrix v = generate::values(1, count, Pattern::kUniform, kBf16, seed + 3);
  for (double& square : v.values) square = std::abs(square);
  if (t == 1) m = v = zeros(1, count);
  const Buffer<float> master(gpu, fp32_values(w), "master");
  const Buffer<float> gradient(gpu, fp32_values(g), "gradient");
  const Buffer<bf16> mean(gpu, bf16_values(m), "mean");
  const Buffer<bf16> square(gpu, bf16_values(v), "square");
  const auto weight = result_buffer<bf16>(gpu, count, "weight");
  const double steps = static_cast<double>(t);
  const AdamArguments a{.master = master.data(),
                        .gradient = gradient.data(),
                        .mean = mean.data(),
                        .square = square.data(),
                        .weight = weight.data(),
                        .rate = 2.2e-4F,
                        .beta1 = 0.9F,
                        .beta2 = 0.95F,
                        .epsilon = 0x1p-6F,  // large enough to be seen
                        .decay = 0.1F,
                        .mean_correction = static_cast<float>(1 / (1 - std::pow(0.9, steps))),
                        .square_correction = static_cast<float>(1 / (1 - std::pow(0.95, steps))),
                        .count = count};
  const LaunchReport report = launch_adam(gpu, a, 1);
  ASSERT_EQ(report.failure, "");
  const Matrix new_w = downloaded(master, 1, count);
  const Matrix new_m = downloaded(mean, 1, count);
  const Matrix new_v = downloaded(square, 1, count);
  const Matrix new_weight = downloaded(weight, 1, count);
  const reference::AdamRule rule{.rate = a.rate,
                                 .beta1 = a.beta1,
                                 .beta2 = a.beta2,
                                 .epsilon = a.epsilon,
                                 .decay = a.decay,
                                 .mean_correction = a.mean_correction,
                                 .square_correction = a.square_correction};
  for (std::int64_t i = 0; i < count; ++i) {
    const reference::AdamState before{w(0, i), m(0, i), v(0, i)};
    const reference::AdamState want = reference::adam(rule, before, g(0, i));
    const reference::AdamState allowed = tolerance::adam(rule, before, g(0, i));
    ASSERT_TRUE(std::abs(new_w(0, i) - want.weight) <= allowed.weight) << "master " << i;
    ASSERT_TRUE(std::abs(new_m(0, i) - want.mean) <= allowed.mean) << "mean " << i;
    ASSERT_TRUE(std::abs(new_v(0, i) - want.square) <= allowed.square) << "square " << i;
    ASSERT_EQ(new_weight(0, i), round_to(new_w(0, i), kBf16)) << "weight " << i;
  }
}

TEST(AdamKernel, MatchesTheStepInDoubleForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    check_adam(gpu, 5, 1, seed);
    check_adam(gpu, 77, 3, seed);
    // 8 x 256 threads take 16384 parameters at once.
    check_adam(gpu, 16384 + 8 * 5 + 3, 100, seed);
  });
}

TEST(AdamKernel, TakesNothing) {
  Gpu gpu;
  EXPECT_EQ(launch_adam(gpu, {}, 1).failure, "");
}

}  // namespace
}  // namespace windtunnel::device
