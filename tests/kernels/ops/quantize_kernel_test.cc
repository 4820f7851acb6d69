// Quantisation kernels on the device model, against kernels/ops/reference.h.
#include "kernels/ops/quantize.cuh"
#include "kernels/ops/quantize_transposed.cuh"
#include "kernels/ops/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Pattern;
using reference::ScaleKind;

ScaleKind kind_of(Output output) {
  return output == Output::kExactScale ? ScaleKind::kExact : ScaleKind::kPowerOfTwo;
}
constexpr Output kOutputs[] = {Output::kExactScale, Output::kPowerOfTwoScale};

double exactly(std::int64_t, std::int64_t) { return 0; }

void check_quantize(Gpu& gpu, MatrixView x, Output output) {
  const std::int64_t across = (x.columns + 127) / 128;
  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const auto codes = result_buffer<e4m3>(gpu, x.rows * x.columns, "codes");
  const auto scales = result_buffer<float>(gpu, x.rows * across, "scales");
  const LaunchReport report = launch_quantize(gpu,
                                              {.x = in.data(),
                                               .codes = codes.data(),
                                               .scales = scales.data(),
                                               .rows = static_cast<int>(x.rows),
                                               .columns = static_cast<int>(x.columns)},
                                              output, 1);
  ASSERT_EQ(report.failure, "");
  expect_quantized(downloaded(codes, x.rows, x.columns), downloaded(scales, x.rows, across), x,
                   kind_of(output), exactly);
}

TEST(QuantizeKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    for (const Output output : kOutputs) {
      const Pattern pattern = generate::kPatterns[seed % std::size(generate::kPatterns)];
      check_quantize(gpu, generate::values(5, 328, pattern, kBf16, seed), output);
      // 3 x 44 blocks: more than the 128 that the grid holds at once.
      check_quantize(gpu, generate::values(44, 264, Pattern::kUniform, kBf16, seed), output);
    }
  });
}

TEST(QuantizeKernel, TakesNoRowsAndRefusesRaggedVectors) {
  Gpu gpu;
  EXPECT_EQ(launch_quantize(gpu, {.columns = 128}, Output::kExactScale, 1).failure, "");
  EXPECT_EQ(launch_quantize(gpu, {.rows = 1, .columns = 130}, Output::kExactScale, 1).failure,
            "quantize: columns must be a multiple of 8");
}

/// The largest values of a power-of-two scale: a block that needs exactly 2^k, and its neighbours.
TEST(QuantizeKernel, PowersOfTwoAreThoseOfTheReference) {
  Gpu gpu;
  Matrix x = zeros(8, 128);
  const double largest[] = {448, 450, 446, 224, 226, 0, 448 * 0x1p-126, 0x1p-133};
  for (std::int64_t i = 0; i < x.rows; ++i) x(i, 77) = largest[i];
  check_quantize(gpu, x, Output::kPowerOfTwoScale);
  check_quantize(gpu, x, Output::kExactScale);
}

void check_transposed(Gpu& gpu, MatrixView x, Output output) {
  const std::int64_t down = (x.rows + 127) / 128;
  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const auto codes = result_buffer<e4m3>(gpu, x.rows * x.columns, "codes");
  const auto scales = result_buffer<float>(gpu, x.columns * down, "scales");
  const LaunchReport report = launch_quantize_transposed(gpu,
                                                         {.x = in.data(),
                                                          .codes = codes.data(),
                                                          .scales = scales.data(),
                                                          .rows = static_cast<int>(x.rows),
                                                          .columns = static_cast<int>(x.columns)},
                                                         output);
  ASSERT_EQ(report.failure, "");
  // ldmatrix takes the tile's columns without a bank conflict.
  ASSERT_EQ(report.bank_conflicts, 0U);
  expect_quantized(downloaded(codes, x.columns, x.rows), downloaded(scales, x.columns, down),
                   transposed(x), kind_of(output), exactly);
}

TEST(QuantizeTransposedKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    for (const Output output : kOutputs) {
      const Pattern pattern = generate::kPatterns[seed % std::size(generate::kPatterns)];
      // Outside of the matrix stands the address of its beginning, whose values must not be seen.
      Matrix ragged = generate::values(272, 72, Pattern::kUniform, kBf16, seed);
      for (std::int64_t j = 0; j < 8; ++j) ragged(0, j) = 4;
      check_transposed(gpu, ragged, output);
      check_transposed(gpu, generate::values(64, 128, pattern, kBf16, seed), output);
    }
  });
}

TEST(QuantizeTransposedKernel, RefusesRaggedVectors) {
  Gpu gpu;
  EXPECT_EQ(launch_quantize_transposed(gpu, {.rows = 8, .columns = 8}, Output::kExactScale).failure,
            "quantize_transposed: rows must be a multiple of 16, columns of 8");
}

/// Stores of 16 bytes go out a quarter of a warp at a time: eight must lie in eight different
/// chunks of the 128 bytes that the banks hold.
TEST(QuantizeTransposedKernel, FillsTheTileWithoutBankConflicts) {
  for (u32 piece = 0; piece < kTurnRows * 8; piece += 8) {
    u32 chunks = 0;
    for (u32 i = piece; i < piece + 8; ++i) chunks |= 1U << (turned_place(i / 8, i % 8) / 16 % 8);
    EXPECT_EQ(chunks, 0xffU) << piece;
  }
}

TEST(QuantizeTransposedKernel, TakesEveryRowOnce) {
  std::vector<int> taken(kTurnRows, 0);
  for (u32 i = 0; i < 16; ++i) {
    for (u32 r = 0; r < 8; ++r) ++taken.at(turned_row(i, r));
  }
  EXPECT_EQ(taken, std::vector<int>(kTurnRows, 1));
}

void check_dequantize(Gpu& gpu, std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  const std::int64_t across = (columns + 127) / 128;
  reference::Quantized x{generate::values(rows, columns, Pattern::kUniform, kE4m3, seed),
                         generate::values(rows, across, Pattern::kUniform, kFp32, seed + 1),
                         reference::kActivationBlock};
  const Buffer<e4m3> codes(gpu, e4m3_values(x.codes), "codes");
  const Buffer<float> scales(gpu, fp32_values(x.scales), "scales");
  const auto y = result_buffer<bf16>(gpu, rows * columns, "y");
  const LaunchReport report = launch_dequantize(gpu,
                                                {.codes = codes.data(),
                                                 .scales = scales.data(),
                                                 .y = y.data(),
                                                 .rows = static_cast<int>(rows),
                                                 .columns = static_cast<int>(columns)},
                                                1);
  ASSERT_EQ(report.failure, "");
  const Matrix want = reference::dequantize(x);
  expect_within(
      downloaded(y, rows, columns), want,
      [&](auto i, auto j) { return tolerance::dequantized(want(i, j)); }, "y");
}

TEST(DequantizeKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    check_dequantize(gpu, 3, 336, seed);
    // 8 x 256 threads take 2048 vectors at once; these are 2100.
    check_dequantize(gpu, 100, 336, seed);
  });
}

}  // namespace
}  // namespace windtunnel::device
