// The Adam kernel on the device model, against the step in double.
#include <cmath>

#include "kernels/ops/adam.cuh"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Pattern;

/// A step of one parameter in double, and how far FP32 may be from it (kernels/ops/error.h):
/// m has two products and an addition of its terms, v all positive terms and one product more, so
/// the root is off by (4 / 2 + 1) u and with epsilon by 4 u; the quotient adds m's error, the
/// correction and the division; decay one product, their sum, the rate and the last difference
/// round.
struct Step {
  double mean, mean_error;
  double square, square_error;
  double weight, weight_error;
};

Step step(const AdamArguments& a, double w, double g, double m, double v) {
  const double old_mean = double{a.beta1} * m;
  const double new_mean = (1 - double{a.beta1}) * g;
  Step s{};
  s.mean = old_mean + new_mean;
  s.mean_error = (std::abs(old_mean) + std::abs(new_mean)) * roundings(3);
  s.square = double{a.beta2} * v + (1 - double{a.beta2}) * g * g;
  s.square_error = s.square * roundings(4);
  const double root = std::sqrt(s.square * double{a.square_correction}) + double{a.epsilon};
  const double quotient = s.mean * double{a.mean_correction} / root;
  const double quotient_error =
      s.mean_error * double{a.mean_correction} / root + std::abs(quotient) * roundings(6);
  const double decay = double{a.decay} * w;
  const double change = double{a.rate} * (quotient + decay);
  const double change_error =
      double{a.rate} * (quotient_error + (std::abs(quotient) + std::abs(decay)) * roundings(3));
  s.weight = w - change;
  s.weight_error = (change_error + std::abs(s.weight) * roundings(1)) * kSecondOrder + kFlushed;
  return s;
}

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
  for (std::int64_t i = 0; i < count; ++i) {
    const Step want = step(a, w(0, i), g(0, i), m(0, i), v(0, i));
    ASSERT_TRUE(std::abs(new_w(0, i) - want.weight) <= want.weight_error) << "master " << i;
    ASSERT_TRUE(std::abs(new_m(0, i) - want.mean) <= stored(want.mean, want.mean_error, kBf16))
        << "mean " << i;
    ASSERT_TRUE(std::abs(new_v(0, i) - want.square) <=
                stored(want.square, want.square_error, kBf16))
        << "square " << i;
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
