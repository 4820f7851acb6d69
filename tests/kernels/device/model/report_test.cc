// A report names everything that is needed to find the fault and to see it again.
#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

TEST(Reports, NameBothLinesKernelCtaThreadSeedAndReplay) {
  const std::string failure =
      failure_of({.seed = 17, .adversarial = false, .replay = "build/release/device_test"},
                 {.kernel = "gemm", .grid = {1}, .block = {64}, .shared_bytes = 16}, [] {
                   if (threadIdx.x == 0) st_shared(shared_base(), 1U, {"gemm.cuh", 10});
                   if (threadIdx.x == 33) ld_shared<u32>(shared_base(), {"gemm.cuh", 20});
                 });
  EXPECT_EQ(failure,
            "race: load by thread 33 of CTA 0 at gemm.cuh:20 and store by thread 0 of CTA 0 at "
            "gemm.cuh:10 both touch shared 0x400, and nothing orders them\n"
            "  kernel gemm, CTA 0, thread 33 (warp 1, lane 1) at gemm.cuh:20, seed 17\n"
            "  replay: WINDTUNNEL_DEVICE_SEED=17 build/release/device_test");
}

TEST(Reports, LinesAreThoseOfTheKernel) {
  const int line = __LINE__ + 1;
  const std::string failure = failure_of({}, shape_of(1), [] { ld_shared<u32>(shared_base()); });
  std::string place = __FILE__;
  place += ':';
  place += std::to_string(line);
  EXPECT_NE(failure.find(place), std::string::npos) << failure;
}

TEST(Reports, ADeadlockGroupsWaits) {
  EXPECT_EQ(failure_of({.adversarial = false}, shape_of(64, 16),
                       [] {
                         if (threadIdx.x < 32) barrier_sync(3, 64, {"k.cuh", 1});
                         if (threadIdx.x == 32) mbarrier_init(shared_base(), 5);
                         syncwarp();
                         if (threadIdx.x == 33) mbarrier_wait(shared_base(), 0, {"k.cuh", 2});
                       }),
            "deadlock: nobody can go on\n"
            "    32 threads, warp 0 of CTA 0: barrier 3 (32 of 64 threads) at k.cuh:1\n"
            "    1 thread, warp 1 of CTA 0: mbarrier_wait 0 for parity 0 (phase 0, 5 of 5 arrivals "
            "and 0 bytes missing) at k.cuh:2\n"
            "  kernel test, seed 1");
}

}  // namespace
}  // namespace windtunnel::device
