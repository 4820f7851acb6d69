// Attention on the model of Hopper: every seed of schedule and landing times.
#include "kernels/mla/forward_sm90.cuh"

#include "tests/kernels/mla/attention_case.h"

namespace windtunnel::device {
namespace {

constexpr std::uint64_t kSeeds = 10;
// What differs from the first test is where numbers lie, which any schedule shows.
constexpr std::uint64_t kFewSeeds = 3;

template <int kQk, int kTileKeys>
void expect_right(const AttentionCase& it, std::uint64_t count = kSeeds) {
  for (const std::uint64_t seed : seeds(count)) {
    const auto launcher = [](Gpu& gpu, const AttentionCall& call) {
      return launch_attention_forward_sm90<kQk, kTileKeys>(gpu, call);
    };
    ASSERT_EQ(run_forward(it, kTileKeys, seed, launcher), "") << "seed " << seed;
  }
}

// Five tiles of 32 keys wrap the ring of two; the second block of queries has two rows.
TEST(AttentionForwardSm90, CausalWrapsTheRing) {
  expect_right<192, 32>(attention_case(192, 1, true, {130}));
}

TEST(AttentionForwardSm90, RaggedSequencesOfSeveralHeads) {
  expect_right<192, 32>(attention_case(192, 2, true, {1, 0, 65}), kFewSeeds);
}

TEST(AttentionForwardSm90, FullAttentionOfEqualWidths) {
  expect_right<128, 32>(attention_case(128, 1, false, {63, 64}), kFewSeeds);
}

// The tiles of a launch on a GPU.
TEST(AttentionForwardSm90, TilesOf128Keys) {
  expect_right<192, 128>(attention_case(192, 1, false, {130}), 1);
}

}  // namespace
}  // namespace windtunnel::device
