// cp.async: nothing of it is there before its wait, and everything must be waited for.
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

/// Runs a body that copies from a buffer of 64 words.
std::string failure_with_input(std::uint64_t seed, u32 threads,
                               const std::function<void(const u32*)>& body) {
  Gpu gpu({.seed = seed});
  const Buffer<u32> in(gpu, std::vector<u32>(64, 5), "in");
  return gpu.run(shape_of(threads, 512), [&] { body(in.data()); }).failure;
}

void expect_failure(const char* beginning, u32 threads,
                    const std::function<void(const u32*)>& body) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string failure = failure_with_input(seed, threads, body);
    EXPECT_EQ(failure.rfind(beginning, 0), 0U) << failure;
  }
}

TEST(CopyAsync, MustBeWaitedFor) {
  expect_failure("race: load by thread 0 of CTA 0 at ", 1, [](const u32* in) {
    cp_async<16>(shared_base(), in);
    cp_async_commit();
    ld_shared<u32>(shared_base());
    cp_async_wait<0>();
  });
}

TEST(CopyAsync, AWaitForOneGroupTooFewIsFound) {
  expect_failure("race: ", 1, [](const u32* in) {
    cp_async<16>(shared_base(), in);
    cp_async_commit();
    cp_async<16>(shared_base() + 16, in + 4);
    cp_async_commit();
    cp_async_wait<1>();
    ld_shared<u32>(shared_base());
    ld_shared<u32>(shared_base() + 16);
  });
}

TEST(CopyAsync, UncommittedCopiesBelongToNoGroup) {
  expect_failure("race: ", 1, [](const u32* in) {
    cp_async<16>(shared_base(), in);
    cp_async_wait<0>();
    ld_shared<u32>(shared_base());
  });
}

TEST(CopyAsync, AWaitIsForTheThreadAlone) {
  expect_failure("race: ", 64, [](const u32* in) {
    cp_async<4>(shared_base() + 4 * threadIdx.x, in + threadIdx.x);
    cp_async_commit();
    if (threadIdx.x >= 32) cp_async_wait<0>();
    syncthreads();
    ld_shared<u32>(shared_base() + 4 * (63 - threadIdx.x));
    cp_async_wait<0>();
  });
}

TEST(CopyAsync, MustNotOverwriteWhatIsRead) {
  expect_failure("race: ", 64, [](const u32* in) {
    st_shared(shared_base() + 4 * threadIdx.x, 1U);
    syncthreads();
    ld_shared<u32>(shared_base() + 4 * (63 - threadIdx.x));
    cp_async<4>(shared_base() + 4 * threadIdx.x, in);
    cp_async_wait_all();
  });
}

TEST(CopyAsync, MustNotBeInFlightAtExit) {
  expect_failure("the thread exits with cp.async in flight", 1, [](const u32* in) {
    cp_async<16>(shared_base(), in);
    cp_async_commit();
  });
}

TEST(CopyAsync, ReadsGlobalMemoryInBounds) {
  expect_failure("cp_async: 16 bytes at in + 256 (of 256 bytes) are outside every buffer", 1,
                 [](const u32* in) { cp_async<16>(shared_base(), in + 64); });
  expect_failure("cp_async: 17 of 16 bytes", 1,
                 [](const u32* in) { cp_async<16>(shared_base(), in, 17); });
  expect_failure("cp_async: in + 4 (of 256 bytes) is not aligned to 16 bytes", 1,
                 [](const u32* in) { cp_async<16>(shared_base(), in + 1); });
}

TEST(CopyAsync, ABarrierCountsCopiesThatLandLater) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    EXPECT_EQ(failure_with_input(seed, 64,
                                 [](const u32* in) {
                                   if (threadIdx.x == 0) mbarrier_init(shared_base(), 64);
                                   syncthreads();
                                   const u32 at = shared_base() + 16;
                                   cp_async<4>(at + 4 * threadIdx.x, in + threadIdx.x);
                                   cp_async_mbarrier_arrive_noinc(shared_base());
                                   mbarrier_wait(shared_base(), 0);
                                   ld_shared<u32>(at + 4 * (63 - threadIdx.x));
                                 }),
              "");
  }
}

}  // namespace
}  // namespace windtunnel::device
