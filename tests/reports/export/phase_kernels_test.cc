#include "reports/export/phase_kernels.h"

#include <gtest/gtest.h>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

PricedKernel kernel_of(double launches, bool routed, double seconds) {
  const KernelShape shape{Operation::kGemm, Dtype::kBf16, 1, 1, 1, 1};
  return {.op = {Phase::kMlpForward, shape, launches, routed},
          .price = {.paired = invented_price(seconds), .alone = invented_price(2 * seconds)}};
}

PricedBlock block_of(std::vector<PricedKernel> kernels) {
  return {.name = "x",
          .layer = true,
          .routed = false,
          .kernels = std::move(kernels),
          .transfers = {},
          .collectives = {},
          .shard = {}};
}

// 1 us + gap, 2 us + gap and 3 us + gap, each gap 1 us: 9 us in all, the last gap included.
TEST(PlacedKernels, StandOneAfterAnotherWithGaps) {
  const PricedBlock block =
      block_of({kernel_of(1, false, 1e-6), kernel_of(1, false, 2e-6), kernel_of(1, false, 3e-6)});
  const auto placed =
      placed_kernels(block, Phase::kMlpForward, true, {1e-6}, 5'000'000, 14'000'000);
  ASSERT_EQ(placed.size(), 3U);
  EXPECT_EQ(placed[0].start, 5'000'000);
  EXPECT_EQ(placed[0].end, 6'000'000);
  EXPECT_EQ(placed[1].start, 7'000'000);
  EXPECT_EQ(placed[2].start, 10'000'000);
  EXPECT_EQ(placed[2].end, 13'000'000);
}

// The phase takes 6 us instead of 4: the routed kernel's 2 us become 4.
TEST(PlacedKernels, RoutedOnesTakeTheDifference) {
  const PricedBlock block = block_of({kernel_of(2, false, 1e-6), kernel_of(1, true, 2e-6)});
  const auto placed = placed_kernels(block, Phase::kMlpForward, true, {0}, 0, 6'000'000);
  ASSERT_EQ(placed.size(), 3U);
  EXPECT_EQ(placed[1].end, 2'000'000);
  EXPECT_EQ(placed[2].end, 6'000'000);
}

TEST(PlacedKernels, HalfALaunchIsAShorterOneAndOtherPhasesHaveNone) {
  const PricedBlock block = block_of({kernel_of(1.5, false, 1e-6)});
  const auto placed = placed_kernels(block, Phase::kMlpForward, false, {0}, 0, 3'000'000);
  ASSERT_EQ(placed.size(), 2U);
  EXPECT_EQ(placed[0].end, 2'000'000);
  EXPECT_EQ(placed[1].end, 3'000'000);
  EXPECT_TRUE(placed_kernels(block, Phase::kMlpWeight, false, {0}, 0, 3'000'000).empty());
}

}  // namespace
}  // namespace windtunnel
