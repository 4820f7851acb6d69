// Barriers of the CTA, and the proxy fence.
#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

TEST(Barriers, AMissingThreadIsADeadlockThatSaysWhoWaitsWhere) {
  EXPECT_EQ(quiet_failure(shape_of(64),
                          [] {
                            if (threadIdx.x == 3) return;
                            syncthreads({"k.cuh", 5});
                          }),
            "deadlock: nobody can go on\n"
            "    31 threads, warp 0 of CTA 0: barrier 0 (63 of 64 threads) at k.cuh:5\n"
            "    32 threads, warp 1 of CTA 0: barrier 0 (63 of 64 threads) at k.cuh:5");
}

TEST(Barriers, CountsMustAgree) {
  EXPECT_EQ(quiet_failure(shape_of(96),
                          [] {
                            barrier_sync(1, threadIdx.x < 32 ? 64 : 96, {"k.cuh", 5});
                          }),
            "barrier 1: this thread counts 96 threads, others 64");
  EXPECT_EQ(quiet_failure(shape_of(64), [] { barrier_sync(1, 33); }),
            "barrier 1: 33 threads are no multiple of 32 up to 64");
  EXPECT_EQ(quiet_failure(shape_of(64), [] { barrier_sync(16, 64); }), "barrier 16: no such");
  expect_on_every_seed("barrier 0: ", shape_of(96), [] {
    if (threadIdx.x < 32) {
      barrier_sync(0, 32 + 32);
    } else {
      syncthreads();
    }
  });
}

TEST(Barriers, ArrivalsThatNobodyWaitsForAreStray) {
  EXPECT_EQ(quiet_failure(shape_of(64),
                          [] {
                            if (threadIdx.x < 32) barrier_arrive(2, 64);
                          }),
            "CTA 0 ends with 32 stray arrivals on barrier 2");
}

TEST(Barriers, AnArrivalDoesNotWait) {
  expect_on_every_seed("race: ", shape_of(64, 128), [] {
    const u32 at = shared_base() + 4 * (threadIdx.x % 32);
    if (threadIdx.x < 32) {
      st_shared(at, 1U);
      barrier_arrive(1, 64);
      st_shared(at, 2U);
    } else {
      barrier_sync(1, 64);
      ld_shared<u32>(at);
    }
  });
}

/// Threads write a tile that one of them stores by a bulk copy.
Body bulk_store_after(bool writers_fence, bool issuer_fences, u32* out) {
  return [=] {
    st_shared(shared_base() + 4 * threadIdx.x, threadIdx.x, {"k.cuh", 1});
    if (writers_fence) fence_proxy_async_shared();
    syncthreads();
    if (threadIdx.x != 0) return;
    if (issuer_fences) fence_proxy_async_shared();
    bulk_store(out, shared_base(), 256, {"k.cuh", 2});
    bulk_commit();
    bulk_wait<0>();
  };
}

std::string bulk_store_failure(bool strict, bool writers_fence, bool issuer_fences) {
  Gpu gpu({.strict_proxy_fence = strict, .adversarial = false});
  const Buffer<u32> out(gpu, 64, "out");
  const std::string all =
      gpu.run(shape_of(64, 256), bulk_store_after(writers_fence, issuer_fences, out.data()))
          .failure;
  return all.substr(0, all.find("\n  kernel"));
}

TEST(Barriers, TheAsyncProxyNeedsAFence) {
  const std::string missing =
      "no proxy fence: bulk store by a bulk copy of thread 0 of CTA 0 at k.cuh:2 touches shared "
      "0x400 after store by thread 0 of CTA 0 at k.cuh:1, but no fence.proxy.async lies between";
  EXPECT_EQ(bulk_store_failure(false, false, false), missing);
  EXPECT_EQ(bulk_store_failure(false, true, false), "");
  EXPECT_EQ(bulk_store_failure(true, true, false), "");
  EXPECT_EQ(bulk_store_failure(false, false, true), "");
  // The strict rule: a fence of the thread that issues the copy covers its own writes only.
  EXPECT_EQ(bulk_store_failure(true, false, true).substr(0, 14), "no proxy fence");
}

}  // namespace
}  // namespace windtunnel::device
