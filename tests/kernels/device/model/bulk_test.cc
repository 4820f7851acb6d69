// TMA and bulk copies: bytes, waits, reads of shared memory, boxes.
#include <functional>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

struct Buffers {
  const u32* in;
  u32* out;
};

std::string failure_with_buffers(std::uint64_t seed, const std::function<void(Buffers)>& body) {
  Gpu gpu({.seed = seed});
  const Buffer<u32> in(gpu, std::vector<u32>(256, 5), "in");
  const Buffer<u32> out(gpu, std::vector<u32>(256, 1), "out");
  return gpu.run(shape_of(32, 2048), [&] { body({in.data(), out.data()}); }).failure;
}

void expect_failure(const char* beginning, const std::function<void(Buffers)>& body) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string failure = failure_with_buffers(seed, body);
    EXPECT_EQ(failure.rfind(beginning, 0), 0U) << failure;
  }
}

/// One mbarrier above 1 KiB, ready for loads.
u32 barrier() { return shared_base() + 1024; }
void make_barrier() {
  if (threadIdx.x == 0) {
    mbarrier_init(barrier(), 1);
    fence_mbarrier_init();
  }
  syncthreads();
}

TEST(BulkCopies, ALoadMustBeWaitedFor) {
  expect_failure("race: load by thread ", [](Buffers b) {
    make_barrier();
    if (threadIdx.x == 0) {
      mbarrier_arrive_expect_tx(barrier(), 64);
      bulk_load(shared_base(), b.in, 64, barrier());
    }
    syncthreads();
    ld_shared<u32>(shared_base());
    mbarrier_wait(barrier(), 0);
  });
}

TEST(BulkCopies, TooFewExpectedBytesAreFound) {
  // Either the phase completes and somebody reads early, or bytes land after it.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_NE(failure_with_buffers(seed,
                                   [](Buffers b) {
                                     make_barrier();
                                     if (threadIdx.x == 0) {
                                       mbarrier_arrive_expect_tx(barrier(), 512);
                                       bulk_load(shared_base(), b.in, 512, barrier());
                                       bulk_load(shared_base() + 512, b.in, 512, barrier());
                                     }
                                     mbarrier_wait(barrier(), 0);
                                     ld_shared<u32>(shared_base());
                                     ld_shared<u32>(shared_base() + 512);
                                   }),
              "");
  }
}

TEST(BulkCopies, TooManyExpectedBytesAreADeadlock) {
  expect_failure("deadlock: ", [](Buffers b) {
    make_barrier();
    if (threadIdx.x == 0) {
      mbarrier_arrive_expect_tx(barrier(), 80);
      bulk_load(shared_base(), b.in, 64, barrier());
    }
    mbarrier_wait(barrier(), 0);
  });
}

TEST(BulkCopies, LoadsMustHaveLandedAtExit) {
  expect_failure("CTA 0 ends with ", [](Buffers b) {
    make_barrier();
    if (threadIdx.x == 0) {
      mbarrier_arrive_expect_tx(barrier(), 128);
      bulk_load(shared_base(), b.in, 64, barrier());
    }
  });
}

TEST(BulkCopies, AStoreReadsSharedMemoryUntilItsWait) {
  const auto body = [](bool waits) {
    return [=](Buffers b) {
      if (threadIdx.x != 0) return;
      st_shared(shared_base(), u32x4{});
      fence_proxy_async_shared();
      bulk_store(b.out, shared_base(), 16);
      bulk_commit();
      if (waits) bulk_wait_read<0>();
      st_shared(shared_base(), u32x4{});
      bulk_wait<0>();
    };
  };
  expect_failure("race: store by thread 0 of CTA 0 at ", body(false));
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_EQ(failure_with_buffers(seed, body(true)), "");
  }
}

TEST(BulkCopies, AStoreIsReadBackAfterItsWholeWaitOnly) {
  expect_failure("race: load by thread 0 of CTA 0 at ", [](Buffers b) {
    if (threadIdx.x != 0) return;
    st_shared(shared_base(), u32x4{});
    fence_proxy_async_shared();
    bulk_store(b.out, shared_base(), 16);
    bulk_commit();
    bulk_wait_read<0>();
    ld_global<u32>(b.out);
  });
}

TEST(BulkCopies, StoresMustHaveReadAtExit) {
  expect_failure("the thread exits without waiting for its bulk stores", [](Buffers b) {
    if (threadIdx.x != 0) return;
    st_shared(shared_base(), u32x4{});
    fence_proxy_async_shared();
    bulk_store(b.out, shared_base(), 16);
    bulk_commit();
  });
}

TEST(BulkCopies, ReductionsOfDifferentThreadsDoNotRace) {
  Gpu gpu({.seed = 3});
  const Buffer<float> out(gpu, std::vector<float>(4, 1), "out");
  const LaunchReport report = gpu.run(shape_of(32, 16 * 32, 4), [&] {
    const u32 at = shared_base() + 16 * threadIdx.x;
    st_shared(at, f32x4{1, 2, 3, 4});
    fence_proxy_async_shared();
    bulk_reduce_add(out.data(), at, 16);
    bulk_commit();
    bulk_wait<0>();
  });
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(out.download(), (std::vector<float>{129, 257, 385, 513}));
}

TEST(BulkCopies, BoxesAreChecked) {
  const TensorMap map = make_tensor_map({.base = nullptr,
                                         .element = Element::kF32,
                                         .rank = 2,
                                         .extents = {4, 4, 1, 1, 1},
                                         .strides = {4, 16, 0, 0, 0},
                                         .box = {4, 4, 1, 1, 1},
                                         .swizzle = Swizzle::k32});
  EXPECT_EQ(quiet_failure(shape_of(1, 2048),
                          [&] {
                            tma_store(map, shared_base() + 128, {0, 0, 0});
                          }),
            "tma_store: 3 coordinates for a tensor of 2 dimensions");
  EXPECT_EQ(quiet_failure(shape_of(1, 2048),
                          [&] {
                            tma_store(map, shared_base() + 128, {0, 0});
                          }),
            "tma_store: shared address 0x480 is not aligned to 256 bytes");
  EXPECT_EQ(quiet_failure(shape_of(1, 2048), [&] { bulk_store(nullptr, shared_base(), 20); }),
            "bulk_store: 20 bytes");
}

}  // namespace
}  // namespace windtunnel::device
