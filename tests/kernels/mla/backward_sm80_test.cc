// Gradients of attention on the model of Ampere.
#include "kernels/mla/backward_sm80.cuh"

#include "tests/kernels/mla/attention_case.h"

namespace windtunnel::device {
namespace {

constexpr std::uint64_t kSeeds = 8;
// What differs from the first test is where numbers lie, which any schedule shows.
constexpr std::uint64_t kFewSeeds = 2;

template <int kQk, int kTile>
void expect_right(const AttentionCase& it, std::uint64_t count) {
  for (const std::uint64_t seed : seeds(count)) {
    const auto launcher = [](Gpu& gpu, const AttentionCall& call,
                             const AttentionGradients& gradients) {
      LaunchReport report = launch_attention_backward_pre<kQk>(gpu, call, gradients);
      if (report.ok()) report = launch_attention_backward_sm80<kQk, kTile>(gpu, call, gradients);
      if (report.ok()) report = launch_attention_backward_post(gpu, call, gradients);
      return report.failure;
    };
    ASSERT_EQ(run_backward(it, kTile, seed, launcher), "") << "seed " << seed;
  }
}

// Three tiles of 32 queries wrap the ring of two; the last block has two keys.
TEST(AttentionBackwardSm80, CausalWrapsTheRing) {
  expect_right<192, 32>(gradient_case(192, 1, true, {66}), kSeeds);
}

TEST(AttentionBackwardSm80, RaggedSequencesOfSeveralHeads) {
  expect_right<192, 32>(gradient_case(192, 2, true, {1, 0, 65}), kFewSeeds);
}

// With the tiles of a launch on a GPU.
TEST(AttentionBackwardSm80, FullAttentionOfEqualWidths) {
  expect_right<128, 64>(gradient_case(128, 1, false, {63, 65}), kFewSeeds);
}

}  // namespace
}  // namespace windtunnel::device
