// ldmatrix and stmatrix: rows, order, bank conflicts. (What they compute is in the table.)
#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

std::uint64_t conflicts(u32 pitch) {
  Gpu gpu;
  const LaunchReport report = gpu.run(shape_of(32, 32 * 256), [=] {
    const u32 row = shared_base() + threadIdx.x * pitch;
    st_shared(row, u32x4{});
    syncwarp();
    u32 registers[4];
    ldmatrix(registers, row);
  });
  EXPECT_EQ(report.failure, "");
  return report.bank_conflicts;
}

TEST(Matrices, RowsInTheSameBanksAreCounted) {
  EXPECT_EQ(conflicts(16), 0U);
  // 32 bytes: two rows of eight fall on each of four chunks. 128: all eight on one.
  EXPECT_EQ(conflicts(32), 4U * 4U);
  EXPECT_EQ(conflicts(128), 4U * 7U);
  EXPECT_EQ(conflicts(144), 0U);
}

TEST(Matrices, RowsAreAlignedAndInBounds) {
  EXPECT_EQ(quiet_failure(shape_of(32, 512),
                          [] {
                            u32 registers[1];
                            ldmatrix(registers, shared_base() + 8);
                          }),
            "ldmatrix: shared address 0x408 is not aligned to 16 bytes");
  EXPECT_EQ(quiet_failure(shape_of(32, 512),
                          [] {
                            const u32 registers[1] = {};
                            stmatrix(shared_base() + 512, registers);
                          }),
            "stmatrix: shared address 0x600 + 16 is outside [0x400, 0x600)");
}

TEST(Matrices, OnlyTheLanesOfTheMatricesGiveRows) {
  expect_no_alarm(
      shape_of(32, 128),
      [] {
        if (threadIdx.x < 8) st_shared(shared_base() + 16 * threadIdx.x, u32x4{});
        syncwarp();
        u32 registers[1];
        ldmatrix(registers, threadIdx.x < 8 ? shared_base() + 16 * threadIdx.x : 0);
      },
      20);
}

TEST(Matrices, LoadsOfOtherLanesStoresNeedSyncwarp) {
  // A race, or undefined where the load comes first.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_NE(failure_of({.seed = seed}, shape_of(32, 512),
                         [] {
                           st_shared(shared_base() + 16 * (31 - threadIdx.x), u32x4{});
                           u32 registers[4];
                           ldmatrix(registers, shared_base() + 16 * threadIdx.x);
                         }),
              "");
  }
}

}  // namespace
}  // namespace windtunnel::device
