// The rules of wgmma: fences, accumulators in flight, waits that name them, warps that agree.
#include <string>

#include "gtest/gtest.h"
#include "kernels/device/model/grid.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

constexpr int kN = 16;
constexpr u32 kTile = 64 * 128;

/// Ends the kernel with a failure of the test's own.
void fail_kernel(const char* why) { model::fail(why); }

/// Aligned to the swizzle's period.
u32 tile() { return (shared_base() + 1023) & ~1023U; }
LaunchShape shape() { return shape_of(128, 1024 + 2 * kTile); }

/// Fills operands A (64 rows) and B with ones.
void fill() {
  for (u32 i = threadIdx.x; i < 2 * kTile / 4; i += 128) st_shared(tile() + 4 * i, 0x3f803f80U);
  fence_proxy_async_shared();
  syncthreads();
}

void multiply(float (&sums)[kN / 2], bool accumulate = false) {
  wgmma_bf16<kN>(sums, tile_descriptor(tile()), tile_descriptor(tile() + kTile), accumulate);
}

TEST(Wgmma, ACorrectChainPassesInBothModes) {
  for (const WgmmaCompletion mode : {WgmmaCompletion::kPerWarp, WgmmaCompletion::kPerWarpgroup}) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const std::string failure = failure_of({.seed = seed, .wgmma_completion = mode}, shape(), [] {
        fill();
        float sums[kN / 2];
        wgmma_fence();
        multiply(sums);
        multiply(sums, true);
        wgmma_commit();
        multiply(sums, true);
        wgmma_commit();
        wgmma_wait<0>(sums);
        for (const float it : sums) {
          if (it != 48) fail_kernel("wrong");
        }
      });
      ASSERT_EQ(failure, "");
    }
  }
}

TEST(Wgmma, NeedsAFence) {
  expect_on_every_seed("wgmma without a wgmma_fence since", shape(), [] {
    fill();
    float sums[kN / 2];
    multiply(sums);
  });
  // A wait lets the threads touch their registers again.
  expect_on_every_seed("wgmma without a wgmma_fence since", shape(), [] {
    fill();
    float sums[kN / 2];
    wgmma_fence();
    multiply(sums);
    wgmma_commit();
    wgmma_wait<0>(sums);
    multiply(sums, true);
  });
}

TEST(Wgmma, AnAccumulatorInFlightHoldsNoValue) {
  expect_on_every_seed("accumulator register 3 of lane ", shape(), [] {
    fill();
    float sums[kN / 2];
    wgmma_fence();
    multiply(sums);
    wgmma_commit();
    sums[3] = 1;
    wgmma_wait<0>(sums);
  });
  expect_on_every_seed("poisoned", shape(), [] {
    fill();
    float sums[kN / 2];
    wgmma_fence();
    multiply(sums);
    wgmma_commit();
    if (!(sums[0] == sums[0])) fail_kernel("poisoned");
  });
}

TEST(Wgmma, AWaitMustNameWhatItCompletes) {
  expect_on_every_seed("wgmma_wait completes an accumulator that it does not name", shape(), [] {
    fill();
    float sums[kN / 2];
    float other[kN / 2];
    wgmma_fence();
    multiply(sums);
    multiply(other);
    wgmma_commit();
    wgmma_wait<0>(sums);
  });
}

TEST(Wgmma, OperandRegistersMustNotChangeInFlight) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    // Whoever lands it early finds nothing: with the wait after the change it is found unless so.
    const std::string failure = failure_of({.seed = seed}, shape(), [] {
      fill();
      float sums[kN / 2];
      u32 a[4] = {};
      wgmma_fence();
      for (int i = 0; i < 4; ++i) {
        wgmma_bf16_rs<kN>(sums, a, tile_descriptor(tile() + kTile), i > 0);
      }
      wgmma_commit();
      a[2] = threadIdx.x;
      wgmma_fence();
      wgmma_wait<0>(sums);
      if (a[2] != threadIdx.x) fail_kernel("kept");
    });
    EXPECT_TRUE(failure.empty() || failure.rfind("the A registers of the wgmma at ", 0) == 0)
        << failure;
  }
}

TEST(Wgmma, LanesAndWarpsMustAgree) {
  expect_on_every_seed("wgmma: lane 5 passes other operands than lane 0", shape(), [] {
    fill();
    float sums[kN / 2];
    wgmma_fence();
    wgmma_bf16<kN>(sums, tile_descriptor(tile()),
                   tile_descriptor(tile() + (threadIdx.x % 32 == 5 ? 32 : 0)), false);
  });
  expect_on_every_seed(
      "wgmma: the warps of the warpgroup disagree on operands or shape", shape(), [] {
        fill();
        float sums[kN / 2];
        wgmma_fence();
        wgmma_bf16<kN>(sums, tile_descriptor(tile()),
                       tile_descriptor(tile() + (threadIdx.x < 32 ? 32 : 0)), false);
        wgmma_commit();
        wgmma_wait<0>(sums);
      });
}

TEST(Wgmma, ReadsSharedMemoryUntilItsWait) {
  expect_on_every_seed("race: ", shape(), [] {
    fill();
    float sums[kN / 2];
    wgmma_fence();
    multiply(sums);
    wgmma_commit();
    st_shared(tile() + 4 * threadIdx.x, 0U);
    wgmma_wait<0>(sums);
  });
}

TEST(Wgmma, NeedsTheProxyFence) {
  expect_on_every_seed("no proxy fence: wgmma by wgmma of warp ", shape(), [] {
    for (u32 i = threadIdx.x; i < 2 * kTile / 4; i += 128) st_shared(tile() + 4 * i, 0x3f803f80U);
    syncthreads();
    float sums[kN / 2];
    wgmma_fence();
    multiply(sums);
  });
}

TEST(Wgmma, MustBeWaitedForBeforeExit) {
  expect_on_every_seed("the thread exits with a wgmma in flight", shape(), [] {
    fill();
    float sums[kN / 2];
    wgmma_fence();
    multiply(sums);
    wgmma_commit();
  });
}

/// One warp releases for its whole warpgroup what all four read.
void release_by_one_warp() {
  fill();
  float sums[kN / 2];
  wgmma_fence();
  multiply(sums);
  wgmma_commit();
  wgmma_wait<0>(sums);
  if (threadIdx.x == 0) st_shared(tile() + kTile, 0U);
}

TEST(Wgmma, CompletionPerWarpIsTheStricterReading) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string strict = failure_of({.seed = seed}, shape(), release_by_one_warp);
    EXPECT_EQ(strict.rfind("race: ", 0), 0U) << strict;
    EXPECT_EQ(failure_of({.seed = seed, .wgmma_completion = WgmmaCompletion::kPerWarpgroup},
                         shape(), release_by_one_warp),
              "");
  }
}

}  // namespace
}  // namespace windtunnel::device
