// Shared memory: order, definedness, bounds, alignment.
#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

TEST(SharedMemory, ALoadBesideAStoreIsARace) {
  const Body body = [] {
    if (threadIdx.x == 0) st_shared(shared_base(), 7U, {"k.cuh", 10});
    if (threadIdx.x == 40) ld_shared<u32>(shared_base(), {"k.cuh", 20});
  };
  EXPECT_EQ(quiet_failure(shape_of(64, 16), body),
            "race: load by thread 40 of CTA 0 at k.cuh:20 and store by thread 0 of CTA 0 at "
            "k.cuh:10 both touch shared 0x400, and nothing orders them");
}

TEST(SharedMemory, TwoStoresAreARaceOnEverySeed) {
  expect_on_every_seed("race: store by thread ", shape_of(64, 16), [] {
    if (threadIdx.x % 32 == 0) st_shared(shared_base() + 4, threadIdx.x);
  });
}

TEST(SharedMemory, LanesOfAWarpRaceToo) {
  expect_on_every_seed("race: store by thread ", shape_of(32, 16), [] {
    st_shared(shared_base(), threadIdx.x);
    shuffle(1, 0);  // orders nothing
  });
}

TEST(SharedMemory, AStoreAfterALoadRaces) {
  expect_on_every_seed("race: ", shape_of(64, 256), [] {
    st_shared(shared_base() + 4 * threadIdx.x, 1U);
    syncthreads();
    ld_shared<u32>(shared_base() + 4 * (63 - threadIdx.x));
    syncwarp();
    st_shared(shared_base() + 4 * threadIdx.x, 2U);
  });
}

TEST(SharedMemory, NeighbouringBytesAreNotShared) {
  expect_no_alarm(shape_of(64, 64), [] {
    st_shared(shared_base() + threadIdx.x, static_cast<u8>(threadIdx.x));
    syncthreads();
    ld_shared<u32x4>(shared_base() + threadIdx.x / 16 * 16);
  });
}

TEST(SharedMemory, BarriersOrder) {
  expect_no_alarm(shape_of(96, 384), [] {
    for (u32 i = 0; i < 4; ++i) {
      st_shared(shared_base() + 4 * threadIdx.x, i);
      syncthreads();
      ld_shared<u32>(shared_base() + 4 * ((threadIdx.x + 33) % 96));
      syncthreads();
    }
  });
}

TEST(SharedMemory, AtomicsDoNotRaceWithEachOther) {
  expect_no_alarm(shape_of(64, 16), [] {
    if (threadIdx.x == 0) st_shared(shared_base(), 0U);
    syncthreads();
    atomic_add_shared(shared_base(), 1U);
    syncthreads();
    ld_shared<u32>(shared_base());
  });
  expect_on_every_seed("race: ", shape_of(64, 16), [] {
    if (threadIdx.x == 0) st_shared(shared_base(), 0U);
    syncthreads();
    if (threadIdx.x == 33) ld_shared<u32>(shared_base());
    if (threadIdx.x == 0) atomic_add_shared(shared_base(), 1U);
  });
}

TEST(SharedMemory, WhatNobodyWroteIsUndefined) {
  EXPECT_EQ(quiet_failure(shape_of(1, 32),
                          [] {
                            st_shared(shared_base(), 1U, {"k.cuh", 1});
                            ld_shared<u32x2>(shared_base(), {"k.cuh", 2});
                          }),
            "undefined: load by thread 0 of CTA 0 at k.cuh:2 reads shared 0x400, which is "
            "undefined; nobody wrote it");
}

TEST(SharedMemory, BoundsAndAlignmentAreChecked) {
  EXPECT_EQ(quiet_failure(shape_of(1, 32), [] { st_shared(shared_base() + 32, 1U); }),
            "st_shared: shared address 0x420 + 4 is outside [0x400, 0x420)");
  EXPECT_EQ(quiet_failure(shape_of(1, 32), [] { ld_shared<u32x2>(shared_base() - 8); }),
            "ld_shared: shared address 0x3f8 + 8 is outside [0x400, 0x420)");
  EXPECT_EQ(quiet_failure(shape_of(1, 32), [] { st_shared(shared_base() + 8, u32x4{}); }),
            "st_shared: shared address 0x408 is not aligned to 16 bytes");
}

TEST(SharedMemory, DetectorsCanBeSwitchedOff) {
  const Body body = [] {
    st_shared(shared_base(), threadIdx.x);
    ld_shared<u32>(shared_base() + 16);
  };
  EXPECT_EQ(failure_of({.races = false, .definedness = false}, shape_of(64, 32), body), "");
}

}  // namespace
}  // namespace windtunnel::device
