// The RoPE kernel on the device model, against kernels/ops/reference.h.
#include "kernels/ops/rope.cuh"
#include "kernels/ops/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

struct Shape {
  std::int64_t tokens, heads, pairs, pitch;
};

/// The rotated channels of x[tokens * heads, pitch], and the angles of each row.
void check_rope(Gpu& gpu, const Shape& s, bool backward, bool in_place, std::uint64_t seed) {
  const std::int64_t rows = s.tokens * s.heads;
  const Matrix x = generate::values(rows, s.pitch, generate::Pattern::kUniform, kBf16, seed);
  const generate::Angles angles = generate::angles(s.tokens, s.pairs, seed);
  Matrix part = zeros(rows, 2 * s.pairs);
  Matrix cosines = zeros(rows, s.pairs);
  Matrix sines = zeros(rows, s.pairs);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < 2 * s.pairs; ++j) part(i, j) = x(i, j);
    for (std::int64_t j = 0; j < s.pairs; ++j) {
      cosines(i, j) = angles.cosines(i / s.heads, j);
      sines(i, j) = angles.sines(i / s.heads, j);
    }
  }
  const Sum want = backward ? reference::rope_backward(part, cosines, sines)
                            : reference::rope(part, cosines, sines);

  const Buffer<bf16> in(gpu, bf16_values(x), "x");
  const Buffer<float> c(gpu, fp32_values(angles.cosines), "cosines");
  const Buffer<float> sine(gpu, fp32_values(angles.sines), "sines");
  const auto other = result_buffer<bf16>(gpu, rows * s.pitch, "y");
  const Buffer<bf16>& y = in_place ? in : other;
  const LaunchReport report = launch_rope(gpu,
                                          {.x = in.data(),
                                           .y = y.data(),
                                           .cosines = c.data(),
                                           .sines = sine.data(),
                                           .tokens = static_cast<int>(s.tokens),
                                           .heads = static_cast<int>(s.heads),
                                           .pairs = static_cast<int>(s.pairs),
                                           .pitch = static_cast<int>(s.pitch)},
                                          backward, 1);
  ASSERT_EQ(report.failure, "");
  const Matrix all = downloaded(y, rows, s.pitch);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < s.pitch; ++j) {
      if (j >= 2 * s.pairs) {
        if (in_place) {
          ASSERT_EQ(all(i, j), x(i, j)) << "a channel that does not turn";
        }
        continue;
      }
      ASSERT_TRUE(std::abs(all(i, j) - want.value(i, j)) <=
                  tolerance::rope(want.value(i, j), want.magnitude(i, j)))
          << "(" << i << ", " << j << "): " << all(i, j) << " instead of " << want.value(i, j);
    }
  }
}

TEST(RopeKernel, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    check_rope(gpu, {3, 5, 12, 40}, false, true, seed);
    check_rope(gpu, {3, 5, 12, 40}, true, true, seed);
    // 8 x 256 threads take 2048 vectors at once; these are 2304.
    check_rope(gpu, {24, 12, 32, 64}, seed % 2 == 0, false, seed);
  });
}

TEST(RopeKernel, TakesNothingAndRefusesRaggedVectors) {
  Gpu gpu;
  EXPECT_EQ(launch_rope(gpu, {.tokens = 0, .heads = 4, .pairs = 4, .pitch = 8}, false, 1).failure,
            "");
  EXPECT_EQ(launch_rope(gpu, {.tokens = 1, .heads = 4, .pairs = 6, .pitch = 16}, false, 1).failure,
            "rope: pairs must be a multiple of 4, the pitch of 8");
}

}  // namespace
}  // namespace windtunnel::device
