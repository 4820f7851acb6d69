// Schedules: a seed replays itself, seeds differ, models don't meet.
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

/// The order in which 64 threads of 2 CTAs come by.
std::vector<u32> order_of(std::uint64_t seed) {
  Gpu gpu({.seed = seed});
  std::vector<u32> order;
  EXPECT_EQ(gpu.run(shape_of(64, 1024, 2),
                    [&] {
                      st_shared(shared_base() + 4 * threadIdx.x, 1U);
                      order.push_back(blockIdx.x * 64 + threadIdx.x);
                      syncthreads();
                      order.push_back(blockIdx.x * 64 + threadIdx.x);
                    })
                .failure,
            "");
  return order;
}

TEST(Schedules, ASeedReplaysItself) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) EXPECT_EQ(order_of(seed), order_of(seed));
}

TEST(Schedules, SeedsDiffer) {
  std::set<std::vector<u32>> orders;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) orders.insert(order_of(seed));
  EXPECT_EQ(orders.size(), 20U);
}

TEST(Schedules, AFailureReplaysWordForWord) {
  const auto failure = [](std::uint64_t seed) {
    return failure_of({.seed = seed}, shape_of(128, 64),
                      [] { st_shared(shared_base() + threadIdx.x % 16 * 4, threadIdx.x); });
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) EXPECT_EQ(failure(seed), failure(seed));
}

/// Three CTAs add their number to a flag twice, each time behind a 9: who came when, as `choose`
/// says.
std::vector<u32> chosen_order(std::function<u32(u32)> choose, Scope scope) {
  Gpu gpu({.adversarial = false, .choose = std::move(choose)});
  const Buffer<u32> flag(gpu, std::vector<u32>{0}, "flag");
  std::vector<u32> order;
  LaunchShape shape = shape_of(1, 0, 3);
  shape.cooperative = true;
  const auto body = [&] {
    for (int i = 0; i < 2; ++i) {
      if (scope == Scope::kSys) {
        red_add<Order::kRelaxed, Scope::kSys>(flag.data(), 1);
      } else {
        red_add<Order::kRelaxed, Scope::kGpu>(flag.data(), 1);
      }
      order.push_back(blockIdx.x);
    }
  };
  EXPECT_EQ(gpu.run(shape, body).failure, "");
  return order;
}

TEST(Schedules, AChoiceIsAskedForBeforeEveryChangeOfAFlagAndFollowed) {
  std::vector<u32> counts;
  const auto first = [&](u32 count) {
    counts.push_back(count);
    return 0U;
  };
  EXPECT_EQ(chosen_order(first, Scope::kSys), (std::vector<u32>{0, 0, 1, 1, 2, 2}));
  // To begin, twice for CTA 0 and when it has ended, twice for CTA 1; CTA 2 is alone then.
  EXPECT_EQ(counts, (std::vector<u32>{3, 3, 3, 2, 2, 2}));
  const auto last = [](u32 count) { return count - 1; };
  EXPECT_EQ(chosen_order(last, Scope::kSys), (std::vector<u32>{2, 1, 2, 1, 0, 0}));
  counts.clear();
  EXPECT_EQ(chosen_order(first, Scope::kGpu), (std::vector<u32>{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(counts, (std::vector<u32>{3, 2}));
}

TEST(Schedules, TwoModelsRunOnTwoThreads) {
  std::vector<u32> elsewhere;
  std::thread other([&] { elsewhere = order_of(7); });
  const std::vector<u32> here = order_of(7);
  other.join();
  EXPECT_EQ(here, elsewhere);
}

TEST(Schedules, ALoopThatWaitsForNobodyEndsAtTheStepLimit) {
  Gpu gpu({.step_limit = 10'000});
  const Buffer<u32> flag(gpu, std::vector<u32>{0}, "flag");
  const std::string failure = gpu.run(shape_of(32),
                                      [&] {
                                        while (ld_acquire<Scope::kGpu>(flag.data()) == 0) {
                                        }
                                      })
                                  .failure;
  EXPECT_EQ(failure.substr(0, 50), "livelock: the scheduler's step limit is reached\n  ");
}

TEST(Schedules, AFailedLaunchLeavesTheModelUsable) {
  Gpu gpu;
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(gpu.run(shape_of(64),
                      [] {
                        if (threadIdx.x == 9) return;
                        syncthreads();
                      })
                  .failure,
              "");
    EXPECT_EQ(gpu.run(shape_of(64), [] { syncthreads(); }).failure, "");
  }
}

}  // namespace
}  // namespace windtunnel::device
