// SwiGLU kernels on the device model, against kernels/moe/reference.h.
#include "kernels/moe/reference.h"
#include "kernels/moe/swiglu.cuh"
#include "kernels/moe/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Pattern;
using reference::ScaleKind;

constexpr ScaleKind kind_of(Output output) {
  return output == Output::kExactScale ? ScaleKind::kExact : ScaleKind::kPowerOfTwo;
}

/// Gates from -8 to 8, so that sigmoid is neither flat nor straight.
Matrix gates_and_ups(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Matrix x = generate::values(rows, 2 * columns, Pattern::kUniform, kBf16, seed);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) x(i, j) *= 8;
  }
  return x;
}

Matrix weights_of(std::int64_t rows, std::uint64_t seed) {
  return generate::values(rows, 1, Pattern::kUniform, kFp32, seed + 3);
}

double weight_at(const Matrix& weights, bool weighted, std::int64_t i) {
  return weighted ? weights(i, 0) : 1;
}

template <Output kOutput>
void check_forward(Gpu& gpu, std::int64_t rows, std::int64_t columns, bool weighted,
                   std::uint64_t seed) {
  const std::int64_t across = (columns + 127) / 128;
  const Matrix x = gates_and_ups(rows, columns, seed);
  const Matrix w = weights_of(rows, seed);
  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const Buffer<float> weights(gpu, fp32_values(w), "weights");
  const auto y = result_buffer<bf16>(gpu, rows * columns, "y");
  const auto codes = result_buffer<e4m3>(gpu, rows * columns, "codes");
  const auto scales = result_buffer<float>(gpu, rows * across, "scales");
  const LaunchReport report =
      launch_swiglu<kOutput>(gpu,
                             {.x = in.data(),
                              .weights = weighted ? weights.data() : nullptr,
                              .y = y.data(),
                              .codes = codes.data(),
                              .scales = scales.data(),
                              .rows = static_cast<int>(rows),
                              .columns = static_cast<int>(columns)},
                             1);
  ASSERT_EQ(report.failure, "");
  const Matrix want = reference::swiglu(
      x, weighted ? std::span<const double>(w.values) : std::span<const double>());
  if constexpr (kOutput == Output::kBf16) {
    expect_within(
        downloaded(y, rows, columns), want,
        [&](auto i, auto j) {
          return tolerance::swiglu(want(i, j), x(i, j), x(i, columns + j),
                                   weight_at(w, weighted, i));
        },
        "y");
  } else {
    expect_quantized(downloaded(codes, rows, columns), downloaded(scales, rows, across), want,
                     kind_of(kOutput), [&](auto i, auto j) {
                       return tolerance::swiglu_error(want(i, j), x(i, j), x(i, columns + j),
                                                      weight_at(w, weighted, i));
                     });
  }
}

TEST(SwigluKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    check_forward<Output::kBf16>(gpu, 5, 200, true, seed);
    check_forward<Output::kBf16>(gpu, 3, 136, false, seed);
    // 3 x 44 blocks: more than the 128 that the grid holds at once.
    check_forward<Output::kExactScale>(gpu, 44, 264, true, seed);
    check_forward<Output::kPowerOfTwoScale>(gpu, 5, 200, false, seed);
  });
}

template <Output kOutput>
void check_backward(Gpu& gpu, std::int64_t rows, std::int64_t columns, bool weighted,
                    std::uint64_t seed) {
  const std::int64_t across = (2 * columns + 127) / 128;
  const Matrix x = gates_and_ups(rows, columns, seed);
  const Matrix w = weights_of(rows, seed);
  const Matrix out = generate::values(rows, columns, Pattern::kUniform, kBf16, seed + 1);
  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const Buffer<float> weights(gpu, fp32_values(w), "weights");
  const Buffer<bf16> dy(gpu, bf16_values(out), "dy");
  const auto dx = result_buffer<bf16>(gpu, rows * 2 * columns, "dx");
  const auto codes = result_buffer<e4m3>(gpu, rows * 2 * columns, "codes");
  const auto scales = result_buffer<float>(gpu, rows * across, "scales");
  const auto dweights = result_buffer<float>(gpu, rows, "dweights");
  const auto y = result_buffer<bf16>(gpu, rows * columns, "y");
  const LaunchReport report =
      launch_swiglu_backward<kOutput>(gpu,
                                      {.x = in.data(),
                                       .weights = weighted ? weights.data() : nullptr,
                                       .dy = dy.data(),
                                       .dx = dx.data(),
                                       .codes = codes.data(),
                                       .scales = scales.data(),
                                       .dweights = weighted ? dweights.data() : nullptr,
                                       .y = weighted ? y.data() : nullptr,
                                       .rows = static_cast<int>(rows),
                                       .columns = static_cast<int>(columns)},
                                      1);
  ASSERT_EQ(report.failure, "");
  const std::span<const double> used =
      weighted ? std::span<const double>(w.values) : std::span<const double>();
  const reference::SwigluGradient want = reference::swiglu_backward(x, used, out);
  const auto gradient_bound = [&](std::int64_t i, std::int64_t j) {
    const double value = want.dx.value(i, j);
    if (j >= columns) return tolerance::swiglu_up_gradient(value, x(i, j - columns));
    return tolerance::swiglu_gate_gradient(value, want.dx.magnitude(i, j), x(i, j));
  };
  if constexpr (kOutput == Output::kBf16) {
    expect_within(downloaded(dx, rows, 2 * columns), want.dx.value, gradient_bound, "dx");
  } else {
    // What a BF16 result would lose by being stored is not lost here.
    expect_quantized(downloaded(codes, rows, 2 * columns), downloaded(scales, rows, across),
                     want.dx.value, kind_of(kOutput), [&](auto i, auto j) {
                       const double value = want.dx.value(i, j);
                       const double gate = x(i, j % columns);
                       const double relative = j < columns
                                                   ? 2 * tolerance::sigmoid(gate) + roundings(8)
                                                   : tolerance::sigmoid(gate) + roundings(3);
                       const double size = j < columns ? want.dx.magnitude(i, j) : std::abs(value);
                       return size * relative * kSecondOrder + kFlushed;
                     });
  }
  if (!weighted) return;
  const double depth = static_cast<double>((columns + 255) / 256 * kVector + 5);
  expect_within(
      downloaded(dweights, rows, 1), want.dweights.value,
      [&](auto i, auto j) {
        return tolerance::swiglu_weight_gradient(want.dweights.magnitude(i, j), 8, depth);
      },
      "dweights");
  const Matrix again = reference::swiglu(x, used);
  expect_within(
      downloaded(y, rows, columns), again,
      [&](auto i, auto j) {
        return tolerance::swiglu(again(i, j), x(i, j), x(i, columns + j), w(i, 0));
      },
      "y");
}

TEST(SwigluBackwardKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    check_backward<Output::kBf16>(gpu, 5, 328, true, seed);
    check_backward<Output::kBf16>(gpu, 70, 40, false, seed);
    check_backward<Output::kExactScale>(gpu, 7, 384, true, seed);
    check_backward<Output::kPowerOfTwoScale>(gpu, 3, 128, false, seed);
  });
}

TEST(SwigluKernels, TakeNoRowsAndRefuseWhatDoesNotFit) {
  Gpu gpu;
  EXPECT_EQ(launch_swiglu<Output::kBf16>(gpu, {.columns = 8}, 1).failure, "");
  EXPECT_EQ(launch_swiglu_backward<Output::kBf16>(gpu, {.columns = 8}, 1).failure, "");
  EXPECT_EQ(launch_swiglu<Output::kBf16>(gpu, {.rows = 1, .columns = 12}, 1).failure,
            "swiglu: columns must be a multiple of 8");
  const SwigluBackwardArguments ragged{.rows = 1, .columns = 136};
  EXPECT_EQ(launch_swiglu_backward<Output::kExactScale>(gpu, ragged, 1).failure,
            "swiglu_backward: columns must be a multiple of 8, quantised of 128");
}

}  // namespace
}  // namespace windtunnel::device
