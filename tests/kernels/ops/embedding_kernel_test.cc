// Embedding kernels on the device model, against kernels/ops/reference.h.
#include "kernels/ops/embedding.cuh"
#include "kernels/ops/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Pattern;

constexpr std::int64_t kVocabulary = 11;

/// Tokens of a small vocabulary, so that many meet; the last word never appears.
std::vector<std::int64_t> tokens(std::int64_t count, std::uint64_t seed) {
  generate::Random random(seed);
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < count; ++i) result.push_back(random.below(kVocabulary - 1));
  return result;
}

void check_embed(Gpu& gpu, std::int64_t count, std::int64_t columns, std::uint64_t seed) {
  const Matrix table = generate::values(kVocabulary, columns, Pattern::kUniform, kBf16, seed);
  const std::vector<std::int64_t> words = tokens(count, seed);
  const Buffer<bf16> rows(gpu, bf16_values(table), "table");
  const Buffer<std::int32_t> token(gpu, int_values(words), "tokens");
  const auto y = result_buffer<bf16>(gpu, count * columns, "y");
  const LaunchReport report = launch_embed(gpu,
                                           {.table = rows.data(),
                                            .tokens = token.data(),
                                            .y = y.data(),
                                            .count = static_cast<int>(count),
                                            .columns = static_cast<int>(columns)},
                                           1);
  ASSERT_EQ(report.failure, "");
  expect_equal(downloaded(y, count, columns), reference::embed(table, words), "y");
}

void check_backward(Gpu& gpu, std::int64_t count, std::int64_t columns, std::uint64_t seed) {
  const Matrix before = generate::values(kVocabulary, columns, Pattern::kUniform, kFp32, seed);
  const Matrix out = generate::values(count, columns, Pattern::kUniform, kBf16, seed + 1);
  const std::vector<std::int64_t> words = tokens(count, seed);
  const Buffer<bf16> dy(gpu, bf16_values(out), "dy");
  const Buffer<std::int32_t> token(gpu, int_values(words), "tokens");
  const Buffer<float> gradient(gpu, fp32_values(before), "gradient");
  const LaunchReport report = launch_embed_backward(gpu,
                                                    {.dy = dy.data(),
                                                     .tokens = token.data(),
                                                     .gradient = gradient.data(),
                                                     .count = static_cast<int>(count),
                                                     .columns = static_cast<int>(columns)},
                                                    1);
  ASSERT_EQ(report.failure, "");
  const Sum want = reference::embed_backward(before, words, out);
  const double depth = static_cast<double>(count);
  expect_within(
      downloaded(gradient, kVocabulary, columns), want.value,
      [&](auto i, auto j) { return tolerance::summed(want.magnitude(i, j), depth); }, "gradient");
}

TEST(EmbedKernel, GathersRowsForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    check_embed(gpu, 7, 40, seed);
    // 8 x 256 threads take 2048 vectors at once; these are 2070.
    check_embed(gpu, 414, 40, seed);
  });
}

TEST(EmbedBackwardKernel, AddsGradientsForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    check_backward(gpu, 7, 42, seed);
    check_backward(gpu, 100, 42, seed);
  });
}

TEST(EmbedKernel, TakesNothingAndRefusesRaggedVectors) {
  Gpu gpu;
  EXPECT_EQ(launch_embed(gpu, {.columns = 8}, 1).failure, "");
  EXPECT_EQ(launch_embed_backward(gpu, {.columns = 8}, 1).failure, "");
  EXPECT_EQ(launch_embed(gpu, {.count = 1, .columns = 12}, 1).failure,
            "embed: columns must be a multiple of 8");
  EXPECT_EQ(launch_embed_backward(gpu, {.count = 1, .columns = 3}, 1).failure,
            "embed_backward: columns must be a multiple of 2");
}

}  // namespace
}  // namespace windtunnel::device
