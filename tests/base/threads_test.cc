#include "simulator/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace windtunnel {
namespace {

TEST(ParallelFor, CallsEveryIndexOnce) {
  for (const int threads : {-1, 0, 1, 2, 8, 500}) {
    std::vector<std::atomic<int>> calls(100);
    parallel_for(100, threads, [&](int i) { ++calls[static_cast<std::size_t>(i)]; });
    for (const std::atomic<int>& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(ParallelFor, DoesNothingForNoWork) {
  for (const int n : {0, -5}) {
    parallel_for(n, 4, [](int) { FAIL(); });
  }
}

TEST(ParallelFor, OneThreadIsTheCallersInOrder) {
  std::vector<int> order;
  const std::thread::id caller = std::this_thread::get_id();
  parallel_for(5, 1, [&](int i) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
  });
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(ParallelFor, ThrowsTheFailureOfTheLowestIndex) {
  for (int repeat = 0; repeat < 50; ++repeat) {
    std::string message;
    try {
      parallel_for(64, 8, [](int i) {
        if (i == 5) std::this_thread::yield();  // 6 and 7 mostly fail before it
        if (i >= 5) throw std::runtime_error(std::to_string(i));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    EXPECT_EQ(message, "5");
  }
}

TEST(ParallelFor, StartsNothingAfterAFailure) {
  int calls = 0;
  EXPECT_THROW(parallel_for(100, 1,
                            [&](int i) {
                              ++calls;
                              if (i == 3) throw std::runtime_error("");
                            }),
               std::runtime_error);
  EXPECT_EQ(calls, 4);
}

TEST(HardwareThreads, IsPositive) { EXPECT_GE(hardware_threads(), 1); }

}  // namespace
}  // namespace windtunnel
