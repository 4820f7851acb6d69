#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(DoctorCommand, SaysWhatIsThereAndIsFineWithoutAGpu) {
  const Ran ran = run_program({"doctor"});
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_EQ(ran.err, "");
  for (const char* row : {"\ndata  ", "\nmeasurements h800 ", "\ncompiler ", "\nCUDA ", "\nGPU ",
                          "\nNCCL ", "\nMPI ", "\nlocale "}) {
    EXPECT_NE(ran.out.find(row), std::string::npos) << row;
  }
}

// A GPU that nobody can see: an empty path has no nvidia-smi.
TEST(DoctorCommand, MissesAGpuWhereOneIsAskedFor) {
  const TemporaryFolder empty;
  const Ran ran = run_program({"doctor", "--for", "bench"}, {"PATH=" + empty.path.string()});
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.out.find("GPU                   absent"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace windtunnel
