// Every operation of the vocabulary on the model, for several seeds.
#include <cstdint>

#include "gtest/gtest.h"
#include "tests/kernels/device/operation_table.h"

namespace windtunnel::device {
namespace {

TEST(Operations, DoWhatTheTableSaysForEverySeed) {
  for (const OperationCase& it : operation_table()) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      Gpu gpu({.seed = seed, .strict_proxy_fence = true});
      EXPECT_EQ(run_case(gpu, it), "");
    }
  }
}

TEST(Operations, DoTheSameWithoutAnAdversary) {
  Gpu gpu({.adversarial = false});
  for (const OperationCase& it : operation_table()) EXPECT_EQ(run_case(gpu, it), "");
}

TEST(Operations, DoTheSameWhenAWarpgroupCompletesTogether) {
  for (const OperationCase& it : operation_table()) {
    Gpu gpu({.seed = 5, .wgmma_completion = WgmmaCompletion::kPerWarpgroup});
    EXPECT_EQ(run_case(gpu, it), "");
  }
}

}  // namespace
}  // namespace windtunnel::device
