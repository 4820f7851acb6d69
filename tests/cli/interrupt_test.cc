// Signals that end a sweep.
#include <gtest/gtest.h>

#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

TEST(Interrupt, ASchedulersTermIsTheSameAsAnInterrupt) {
  const TemporaryFolder folder;
  const auto spec = write_grid(folder);
  const std::string shard = folder.path / "shard";
  Started stopped(
      {WINDTUNNEL_PROGRAM, "sweep", spec, "--threads", "1", "--shard", "0/1", "-o", shard});
  ASSERT_TRUE(has_lines(shard, 5));
  EXPECT_EQ(stopped.end(SIGTERM), 130);
}

}  // namespace
}  // namespace windtunnel
