// Lanes that diverge where a warp must be together.
#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

TEST(Meetings, LanesMustBeInTheSameOperation) {
  EXPECT_EQ(
      quiet_failure(shape_of(32),
                    [] {
                      if (threadIdx.x < 16) {
                        shuffle(1, 0, 32, 0xffffffffU, {"k.cuh", 3});
                      } else {
                        any(true, 0xffffffffU, {"k.cuh", 4});
                      }
                    }),
      "divergence: this lane is in vote with mask 0xffffffff while others wait in shuffle with "
      "mask 0xffffffff at k.cuh:3");
}

TEST(Meetings, LanesMustBeInTheSameLine) {
  expect_on_every_seed("divergence: this lane is in shuffle", shape_of(32), [] {
    if (threadIdx.x < 16) shuffle_xor(1, 1);
    shuffle_xor(1, 2);
  });
}

TEST(Meetings, ALaneThatNeverComesIsADeadlock) {
  expect_on_every_seed("deadlock: ", shape_of(32), [] {
    if (threadIdx.x != 7) shuffle(1, 0);
  });
}

TEST(Meetings, SyncwarpOrdersAndShufflesDoNot) {
  const auto body = [](bool sync) {
    return [=] {
      st_shared(shared_base() + 4 * threadIdx.x, 1U);
      if (sync) {
        syncwarp();
      } else {
        shuffle(1, 0);
      }
      ld_shared<u32>(shared_base() + 4 * (31 - threadIdx.x));
    };
  };
  expect_no_alarm(shape_of(32, 128), body(true));
  expect_on_every_seed("race: ", shape_of(32, 128), body(false));
}

TEST(Meetings, AnotherLaneMayComeToSyncwarpFromAnotherLine) {
  expect_no_alarm(shape_of(32), [] {
    if (threadIdx.x < 16) {
      syncwarp();
    } else {
      syncwarp();
    }
  });
}

}  // namespace
}  // namespace windtunnel::device
