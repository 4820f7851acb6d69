// RMSNorm kernels on the device model, against kernels/ops/reference.h.
#include "kernels/ops/rms_norm.cuh"
#include "kernels/ops/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Pattern;
using reference::ScaleKind;

/// Large enough to be seen: 2 % of the root for values in [-1, 1).
constexpr double kEpsilon = 0x1p-6;

struct Shape {
  std::int64_t rows;
  std::int64_t columns;
};
/// A row in part of a warp, in one, in two and in eight; four, four, two and one row a block; each
/// but the first with more rows than blocks of one SM, so that both buffers of the sums are used
/// again.
constexpr Shape kShapes[] = {{3, 64}, {130, 256}, {66, 840}, {25, 2328}};

struct Inputs {
  Matrix x;
  Matrix residual;
  Matrix gamma;
};
Inputs inputs(const Shape& shape, Pattern pattern, std::uint64_t seed) {
  return {generate::values(shape.rows, shape.columns, pattern, kBf16, seed),
          generate::values(shape.rows, shape.columns, Pattern::kUniform, kBf16, seed + 100),
          generate::values(1, shape.columns, Pattern::kUniform, kBf16, seed + 200)};
}

double depth_of(const Shape& shape) {
  return reduction_depth(
      rms_norm_plan(static_cast<int>(shape.rows), static_cast<int>(shape.columns), 1));
}

template <Output kOutput>
void check_forward(Gpu& gpu, const Shape& shape, const Inputs& in, bool with_residual) {
  const std::int64_t across = (shape.columns + 127) / 128;
  const Buffer<bf16> x(gpu, bf16_values(in.x), "x");
  const Buffer<bf16> residual(gpu, bf16_values(in.residual), "residual");
  const Buffer<bf16> gamma(gpu, bf16_values(in.gamma), "gamma");
  const auto stream = result_buffer<bf16>(gpu, shape.rows * shape.columns, "stream");
  const auto y = result_buffer<bf16>(gpu, shape.rows * shape.columns, "y");
  const auto codes = result_buffer<e4m3>(gpu, shape.rows * shape.columns, "codes");
  const auto scales = result_buffer<float>(gpu, shape.rows * across, "scales");
  const LaunchReport report =
      launch_rms_norm<kOutput>(gpu,
                               {.x = x.data(),
                                .residual = with_residual ? residual.data() : nullptr,
                                .gamma = gamma.data(),
                                .stream = stream.data(),
                                .y = y.data(),
                                .codes = codes.data(),
                                .scales = scales.data(),
                                .epsilon = kEpsilon,
                                .rows = static_cast<int>(shape.rows),
                                .columns = static_cast<int>(shape.columns)},
                               1);
  ASSERT_EQ(report.failure, "");
  Matrix want = reference::rms_norm(in.x, in.gamma.values, kEpsilon);
  if (with_residual) {
    reference::ResidualNorm both =
        reference::rms_norm_residual(in.x, in.residual, in.gamma.values, kEpsilon);
    expect_equal(downloaded(stream, shape.rows, shape.columns), both.stream, "stream");
    want = std::move(both.y);
  }
  const double depth = depth_of(shape);
  if constexpr (kOutput == Output::kBf16) {
    expect_within(
        downloaded(y, shape.rows, shape.columns), want,
        [&](auto i, auto j) { return tolerance::rms_norm(want(i, j), depth); }, "y");
  } else {
    const double relative = (tolerance::inverse_root(depth) + roundings(2)) * kSecondOrder;
    expect_quantized(downloaded(codes, shape.rows, shape.columns),
                     downloaded(scales, shape.rows, across), want,
                     kOutput == Output::kExactScale ? ScaleKind::kExact : ScaleKind::kPowerOfTwo,
                     [&](auto i, auto j) { return std::abs(want(i, j)) * relative + kFlushed; });
  }
}

TEST(RmsNormKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Pattern pattern = generate::kPatterns[seed % std::size(generate::kPatterns)];
    check_forward<Output::kBf16>(gpu, kShapes[0], inputs(kShapes[0], pattern, seed), false);
    for (const Shape& shape : kShapes) {
      const Inputs in = inputs(shape, Pattern::kUniform, seed);
      check_forward<Output::kBf16>(gpu, shape, in, true);
    }
  });
}

TEST(RmsNormKernel, QuantisesAsItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Inputs small = inputs(kShapes[0], Pattern::kHuge, seed);
    check_forward<Output::kPowerOfTwoScale>(gpu, kShapes[0], small, false);
    const Inputs in = inputs(kShapes[3], Pattern::kUniform, seed);
    check_forward<Output::kExactScale>(gpu, kShapes[3], in, true);
  });
}

TEST(RmsNormKernel, TakesNoRowsAndRefusesWhatDoesNotFit) {
  Gpu gpu;
  EXPECT_EQ(launch_rms_norm<Output::kBf16>(gpu, {.columns = 64}, 1).failure, "");
  for (const int columns : {60, 16392}) {
    EXPECT_EQ(launch_rms_norm<Output::kBf16>(gpu, {.rows = 1, .columns = columns}, 1).failure,
              "rms_norm: columns must be a multiple of 8, 16384 at most");
  }
}

void check_backward(Gpu& gpu, const Shape& shape, const Inputs& in, std::uint64_t seed) {
  const Matrix out =
      generate::values(shape.rows, shape.columns, Pattern::kUniform, kBf16, seed + 7);
  const int rows = static_cast<int>(shape.rows);
  const int columns = static_cast<int>(shape.columns);
  const int parts = rms_norm_partials(rows, columns, 1);
  const Buffer<bf16> x(gpu, bf16_values(in.x), "x");
  const Buffer<bf16> gamma(gpu, bf16_values(in.gamma), "gamma");
  const Buffer<bf16> dy(gpu, bf16_values(out), "dy");
  const auto dx = result_buffer<bf16>(gpu, shape.rows * shape.columns, "dx");
  const auto partial = result_buffer<float>(gpu, std::int64_t{parts} * columns, "partial");
  const auto dgamma = result_buffer<float>(gpu, columns, "dgamma");
  const LaunchReport report = launch_rms_norm_backward(gpu,
                                                       {.x = x.data(),
                                                        .gamma = gamma.data(),
                                                        .dy = dy.data(),
                                                        .dx = dx.data(),
                                                        .partial = partial.data(),
                                                        .epsilon = kEpsilon,
                                                        .rows = rows,
                                                        .columns = columns},
                                                       1);
  ASSERT_EQ(report.failure, "");
  const LaunchReport summed = launch_sum_parts(gpu, partial.data(), dgamma.data(), parts, columns);
  ASSERT_EQ(summed.failure, "");
  const double depth = depth_of(shape);
  const reference::NormGradient want =
      reference::rms_norm_backward(in.x, in.gamma.values, kEpsilon, out);
  expect_within(
      downloaded(dx, shape.rows, shape.columns), want.dx.value,
      [&](auto i, auto j) {
        return tolerance::rms_norm_backward(want.dx.value(i, j), want.dx.magnitude(i, j), depth);
      },
      "dx");
  expect_within(
      downloaded(dgamma, 1, shape.columns), want.dgamma.value,
      [&](auto i, auto j) {
        return tolerance::rms_norm_gamma(want.dgamma.magnitude(i, j),
                                         static_cast<double>(shape.rows), depth);
      },
      "dgamma");
}

TEST(RmsNormBackwardKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Pattern pattern = generate::kPatterns[seed % std::size(generate::kPatterns)];
    check_backward(gpu, kShapes[0], inputs(kShapes[0], pattern, seed), seed);
    for (const Shape& shape : {kShapes[2], kShapes[3]}) {
      check_backward(gpu, shape, inputs(shape, Pattern::kUniform, seed), seed);
    }
  });
}

TEST(RmsNormBackwardKernel, GammasGradientOfNoRowsIsZero) {
  Gpu gpu;
  EXPECT_EQ(launch_rms_norm_backward(gpu, {.columns = 64}, 1).failure, "");
  EXPECT_EQ(launch_rms_norm_backward(gpu, {.rows = 1, .columns = 60}, 1).failure,
            "rms_norm_backward: columns must be a multiple of 8, 16384 at most");
  const auto dgamma = result_buffer<float>(gpu, 40, "dgamma");
  EXPECT_EQ(launch_sum_parts(gpu, dgamma.data(), dgamma.data(), 0, 40).failure, "");
  expect_equal(downloaded(dgamma, 1, 40), zeros(1, 40), "dgamma");
}

}  // namespace
}  // namespace windtunnel::device
