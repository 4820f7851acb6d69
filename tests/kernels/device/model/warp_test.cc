// Shuffles that read nobody, and setmaxnreg's budget.
#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

TEST(Warp, AShuffleReadsLanesThatTakePart) {
  EXPECT_EQ(quiet_failure(shape_of(32),
                          [] {
                            if (threadIdx.x < 16) shuffle(1, 20, 32, 0xffff);
                          }),
            "shuffle: lane 0 reads lane 20, which does not take part");
}

TEST(Warp, AMaskHoldsItsLane) {
  EXPECT_EQ(quiet_failure(shape_of(32), [] { syncwarp(2); }),
            "syncwarp: the mask leaves out the lane that calls");
}

TEST(Warp, HalvesMayMeetApart) {
  expect_no_alarm(shape_of(32, 128), [] {
    const u32 mask = threadIdx.x < 16 ? 0xffffU : 0xffff0000U;
    st_shared(shared_base() + 4 * threadIdx.x, 1U);
    syncwarp(mask);
    ld_shared<u32>(shared_base() + 4 * (threadIdx.x ^ 15));
  });
}

TEST(Warp, ElectsOneLaneAndNotAlwaysTheFirst) {
  u32 elected = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(failure_of({.seed = seed}, shape_of(32),
                         [&] {
                           if (elect()) elected |= 1U << threadIdx.x;
                         }),
              "");
  }
  EXPECT_NE(elected & (elected - 1), 0U);
}

TEST(Warp, SetmaxnregMovesInItsDirection) {
  // 384 threads begin with 168 registers each.
  EXPECT_EQ(quiet_failure(shape_of(384), [] { setmaxnreg_inc<160>(); }),
            "setmaxnreg.inc to 160 from 168");
  EXPECT_EQ(quiet_failure(shape_of(384), [] { setmaxnreg_dec<176>(); }),
            "setmaxnreg.dec to 176 from 168");
}

TEST(Warp, RegistersThatNobodyGivesBackAreADeadlock) {
  // 80 and 216 are 65536 in all, but 384 times 168 are 64512.
  expect_on_every_seed("deadlock: ", shape_of(384), [] {
    if (threadIdx.x < 128) {
      setmaxnreg_dec<80>();
    } else {
      setmaxnreg_inc<216>();
    }
  });
  expect_no_alarm(
      shape_of(384),
      [] {
        if (threadIdx.x < 128) {
          setmaxnreg_dec<40>();
        } else {
          setmaxnreg_inc<232>();
        }
      },
      20);
}

}  // namespace
}  // namespace windtunnel::device
