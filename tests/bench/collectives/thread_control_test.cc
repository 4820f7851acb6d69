#include "bench/collectives/thread_control.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <stdexcept>

namespace windtunnel::bench {
namespace {

TEST(ThreadControl, RanksAgree) {
  run_threads(4, [](const Control& it) {
    for (int round = 0; round < 50; ++round) {
      EXPECT_EQ(it.largest(it.rank == round % 4 ? 7.0 : round * -1.0), 7.0);
      EXPECT_EQ(it.first_text(it.rank >= 2 ? "rank " + std::to_string(it.rank) : ""), "rank 2");
      EXPECT_EQ(it.first_text(""), "");
      int number = it.rank == 0 ? round : -1;
      it.broadcast(&number, sizeof number);
      EXPECT_EQ(number, round);
    }
  });
}

TEST(ThreadControl, ABarrierWaitsForAll) {
  std::atomic<int> arrived = 0;
  run_threads(5, [&](const Control& it) {
    ++arrived;
    it.barrier();
    EXPECT_EQ(arrived, 5);
  });
}

TEST(ThreadControl, WhoeverGivesUpFreesTheOthers) {
  try {
    run_threads(3, [](const Control& it) {
      if (it.rank == 1) throw std::runtime_error("rank 1 is broken");
      it.barrier();
    });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "rank 1 is broken");
  }
}

}  // namespace
}  // namespace windtunnel::bench
