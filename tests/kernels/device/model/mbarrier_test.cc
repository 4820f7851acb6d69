// mbarriers: initialisation, arrivals, phases, what is left at exit.
#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

void init_and_sync(u32 arrivals) {
  if (threadIdx.x == 0) {
    mbarrier_init(shared_base(), arrivals, {"k.cuh", 1});
    fence_mbarrier_init();
  }
  syncthreads();
}

TEST(Mbarriers, MustBeInitialised) {
  EXPECT_EQ(quiet_failure(shape_of(1, 16), [] { mbarrier_arrive(shared_base()); }),
            "mbarrier_arrive: there is no initialised mbarrier at 0x400");
  EXPECT_EQ(quiet_failure(shape_of(1, 16),
                          [] {
                            mbarrier_init(shared_base(), 1);
                            mbarrier_init(shared_base(), 1);
                          }),
            "mbarrier_init: there is one at 0x400 already");
  EXPECT_EQ(quiet_failure(shape_of(1, 16), [] { mbarrier_init(shared_base(), 0); }),
            "mbarrier_init: 0 arrivals are not 1 to 2^20 - 1");
}

TEST(Mbarriers, InitialisationMustBeOrderedBeforeUse) {
  EXPECT_EQ(quiet_failure(shape_of(64, 16),
                          [] {
                            if (threadIdx.x == 0) mbarrier_init(shared_base(), 1, {"k.cuh", 1});
                            if (threadIdx.x == 32) mbarrier_arrive(shared_base());
                          }),
            "mbarrier_arrive on mbarrier 0 at 0x400: nothing orders it after its mbarrier.init by "
            "thread 0 of CTA 0 at k.cuh:1");
}

TEST(Mbarriers, TheAsyncProxyNeedsTheInitFence) {
  Gpu gpu({.adversarial = false});
  const Buffer<u32> in(gpu, std::vector<u32>(4, 1), "in");
  const std::string failure =
      gpu.run(shape_of(32, 32),
              [&] {
                if (threadIdx.x == 0) mbarrier_init(shared_base(), 1, {"k.cuh", 1});
                syncthreads();
                if (threadIdx.x == 0) bulk_load(shared_base() + 16, in.data(), 16, shared_base());
              })
          .failure;
  EXPECT_EQ(failure.substr(0, failure.find("\n")),
            "bulk_load on mbarrier 0 at 0x400: no fence_mbarrier_init follows its mbarrier.init by "
            "thread 0 of CTA 0 at k.cuh:1");
}

TEST(Mbarriers, AnArrivalTooManyIsFound) {
  expect_on_every_seed("mbarrier 0 at ", shape_of(32, 16), [] {
    init_and_sync(16);
    mbarrier_arrive(shared_base(), threadIdx.x == 0 ? 16 : 17);
  });
}

TEST(Mbarriers, AWrongParityWaitsForEver) {
  EXPECT_EQ(
      quiet_failure(shape_of(32, 16),
                    [] {
                      init_and_sync(32);
                      mbarrier_arrive(shared_base());
                      mbarrier_wait(shared_base(), 0, {"k.cuh", 7});
                      mbarrier_wait(shared_base(), 1, {"k.cuh", 8});
                    }),
      "deadlock: nobody can go on\n    32 threads, warp 0 of CTA 0: mbarrier_wait 0 for parity "
      "1 (phase 1, 32 of 32 arrivals and 0 bytes missing) at k.cuh:8");
}

TEST(Mbarriers, AWaitOrdersWhatCameBeforeTheArrivals) {
  const auto body = [](bool waits) {
    return [=] {
      init_and_sync(32);
      const u32 at = shared_base() + 16 + 4 * (threadIdx.x % 32);
      if (threadIdx.x < 32) {
        st_shared(at, 1U);
        mbarrier_arrive(shared_base());
      } else {
        if (waits) mbarrier_wait(shared_base(), 0);
        ld_shared<u32>(at);
      }
    };
  };
  expect_no_alarm(shape_of(64, 144), body(true));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_NE(failure_of({.seed = seed}, shape_of(64, 144), body(false)), "");
  }
}

TEST(Mbarriers, ALaterArrivalIsNotCoveredByAnEarlierPhase) {
  // Thread 0 arrives for phase 0 and, after another write, for phase 1: who waited for phase 0 only
  // must not see the second write as ordered.
  expect_on_every_seed("race: ", shape_of(64, 32), [] {
    init_and_sync(1);
    if (threadIdx.x == 0) {
      mbarrier_arrive(shared_base());
      mbarrier_wait(shared_base(), 0);
      st_shared(shared_base() + 16, 1U);
    }
    if (threadIdx.x == 32) {
      mbarrier_wait(shared_base(), 0);
      st_shared(shared_base() + 16, 2U);
    }
  });
}

TEST(Mbarriers, TheirStorageIsTheirs) {
  EXPECT_EQ(quiet_failure(shape_of(1, 16),
                          [] {
                            mbarrier_init(shared_base() + 8, 1, {"k.cuh", 1});
                            st_shared(shared_base(), u32x4{}, {"k.cuh", 2});
                          }),
            "store by thread 0 of CTA 0 at k.cuh:2 touches shared 0x400, which is an mbarrier");
  EXPECT_EQ(quiet_failure(shape_of(1, 16),
                          [] {
                            mbarrier_init(shared_base() + 8, 1);
                            st_shared(shared_base(), u32x2{});
                            mbarrier_inval(shared_base() + 8);
                            st_shared(shared_base(), u32x4{});
                          }),
            "");
}

TEST(Mbarriers, NothingMayBeLeftAtExit) {
  EXPECT_EQ(quiet_failure(shape_of(32, 16),
                          [] {
                            init_and_sync(3);
                            if (threadIdx.x < 2) mbarrier_arrive(shared_base());
                          }),
            "CTA 0 ends with 2 stray arrivals on mbarrier 0 (it counts to 3, phase 0)");
  EXPECT_EQ(quiet_failure(shape_of(32, 16),
                          [] {
                            init_and_sync(1);
                            if (threadIdx.x == 0) mbarrier_arrive_expect_tx(shared_base(), 48);
                          }),
            "CTA 0 ends with 48 bytes that mbarrier 0 still expects");
}

}  // namespace
}  // namespace windtunnel::device
