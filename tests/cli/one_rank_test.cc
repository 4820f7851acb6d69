// Without MPI the program is one rank, and says what --mpi needs.
#include <gtest/gtest.h>

#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

TEST(OneRank, WithoutMpirunTheNeedIsSaid) {
  const TemporaryFolder folder;
  const auto spec = write_grid(folder);
  const Ran ran = run_program({"sweep", spec, "--mpi", "4"}, {"PATH=/nowhere"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.err.find("windtunnel: --mpi needs MPI, and "), 0U) << ran.err;
  EXPECT_NE(ran.err.find("apt-get install libopenmpi-dev openmpi-bin"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
