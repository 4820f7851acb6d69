// Gradients of attention on the model of Hopper.
#include "kernels/mla/backward_sm90.cuh"

#include "tests/kernels/mla/attention_case.h"

namespace windtunnel::device {
namespace {

constexpr std::uint64_t kSeeds = 8;
// What differs from the first test is where numbers lie, which any schedule shows.
constexpr std::uint64_t kFewSeeds = 2;

template <int kQk>
void expect_right(const AttentionCase& it, std::uint64_t count) {
  for (const std::uint64_t seed : seeds(count)) {
    const auto launcher = [](Gpu& gpu, const AttentionCall& call,
                             const AttentionGradients& gradients) {
      LaunchReport report = launch_attention_backward_pre<kQk>(gpu, call, gradients);
      if (report.ok()) report = launch_attention_backward_sm90<kQk>(gpu, call, gradients);
      if (report.ok()) report = launch_attention_backward_post(gpu, call, gradients);
      return report.failure;
    };
    ASSERT_EQ(run_backward(it, 128, seed, launcher), "") << "seed " << seed;
  }
}

// Three tiles of queries wrap the ring of two; the second block has two keys.
TEST(AttentionBackwardSm90, CausalWrapsTheRing) {
  expect_right<192>(gradient_case(192, 1, true, {130}), kSeeds);
}

TEST(AttentionBackwardSm90, RaggedSequencesOfSeveralHeads) {
  expect_right<192>(gradient_case(192, 2, true, {1, 0, 65}), kFewSeeds);
}

TEST(AttentionBackwardSm90, FullAttentionOfEqualWidths) {
  expect_right<128>(gradient_case(128, 1, false, {64, 130}), kFewSeeds);
}

}  // namespace
}  // namespace windtunnel::device
