// Order is handed on: from thread to thread, and from CTA to CTA to CTA.
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

TEST(Order, IsHandedOnThroughAThirdThread) {
  const auto body = [](bool closes) {
    return [=] {
      // Warp 0 to warp 1 to warp 2, by two named barriers that warps 0 and 2 don't share.
      if (threadIdx.x < 32) {
        st_shared(shared_base() + 4 * threadIdx.x, 1U);
        barrier_arrive(1, 64);
      } else if (threadIdx.x < 64) {
        if (closes) {
          barrier_sync(1, 64);
        } else {
          barrier_arrive(1, 64);
        }
        barrier_arrive(2, 64);
      } else {
        barrier_sync(2, 64);
        st_shared(shared_base() + 4 * (threadIdx.x - 64), 2U);
      }
    };
  };
  expect_no_alarm(shape_of(96, 128), body(true));
  expect_on_every_seed("race: ", shape_of(96, 128), body(false));
}

TEST(Order, IsHandedOnFromCtaToCta) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Gpu gpu({.seed = seed});
    const Buffer<u32> flags(gpu, std::vector<u32>(8, 0), "flags");
    const Buffer<u32> data(gpu, 1, "data");
    EXPECT_EQ(gpu.run(shape_of(32, 0, 6),
                      [&] {
                        if (threadIdx.x != 0) return;
                        u32* flag = flags.data() + blockIdx.x;
                        if (blockIdx.x == 0) {
                          st_global(data.data(), 1U);
                        } else {
                          wait_flag_equal<Scope::kGpu>(flag, 1);
                        }
                        // Only the first and the last touch the data; the others pass the word on.
                        if (blockIdx.x == 5) st_global(data.data(), 2U);
                        st_release<Scope::kGpu>(flag + 1, 1);
                      })
                  .failure,
              "");
  }
}

TEST(Order, AStoreEndsWhatAnEarlierOneReleased) {
  // CTA 0 releases, CTA 1 overwrites the flag without an order: CTA 2, which sees that value only,
  // has no order with CTA 0 (unless it polls early enough to see the first).
  int races = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Gpu gpu({.seed = seed});
    const Buffer<u32> flag(gpu, std::vector<u32>(1, 0), "flag");
    const Buffer<u32> data(gpu, 1, "data");
    const std::string failure = gpu.run(shape_of(32, 0, 3),
                                        [&] {
                                          if (threadIdx.x != 0) return;
                                          if (blockIdx.x == 0) {
                                            st_global(data.data(), 1U);
                                            st_release<Scope::kGpu>(flag.data(), 1);
                                          } else if (blockIdx.x == 1) {
                                            wait_flag_equal<Scope::kGpu>(flag.data(), 1);
                                            st_relaxed<Scope::kGpu>(flag.data(), 2);
                                          } else {
                                            wait_flag_equal<Scope::kGpu>(flag.data(), 2);
                                            st_global(data.data(), 2U);
                                          }
                                        })
                                    .failure;
    const bool race = failure.rfind("race: store by thread 0 of CTA 2", 0) == 0;
    EXPECT_TRUE(race || failure.empty()) << failure;
    if (race) ++races;
  }
  EXPECT_GT(races, 0);
}

}  // namespace
}  // namespace windtunnel::device
