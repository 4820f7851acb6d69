// What is in flight lands at a moment of the seed's choosing, and always before it is needed.
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

TEST(Landings, LoadsLandInParts) {
  std::set<std::uint64_t> landings;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Gpu gpu({.seed = seed});
    const Buffer<float> x(gpu, std::vector<float>(32 * 32, 1), "x");
    const TensorMap map =
        make_tensor_map(matrix_shape(x.data(), Element::kF32, 32, 32, 32, 32, 32, Swizzle::kNone));
    const LaunchReport report = gpu.run(shape_of(32, 4096 + 256), [&] {
      const u32 base = (shared_base() + 127) & ~127U;
      const u32 barrier = base + 4096;
      if (threadIdx.x == 0) {
        mbarrier_init(barrier, 1);
        fence_mbarrier_init();
      }
      syncthreads();
      if (threadIdx.x == 0) {
        mbarrier_arrive_expect_tx(barrier, 4096);
        tma_load(base, map, barrier, {0, 0});
      }
      mbarrier_wait(barrier, 0);
      ld_shared<float>(base + 4 * threadIdx.x);
    });
    EXPECT_EQ(report.failure, "");
    landings.insert(report.landings);
  }
  EXPECT_EQ(landings, (std::set<std::uint64_t>{1, 2, 3, 4}));
}

TEST(Landings, WithoutAnAdversaryAllIsThereAtOnce) {
  // A missing wait is then found by the clocks alone.
  const auto failure = [](bool races) {
    Gpu gpu({.races = races, .adversarial = false});
    const Buffer<u32> in(gpu, std::vector<u32>(4, 1), "in");
    return gpu
        .run(shape_of(1, 16),
             [&] {
               cp_async<16>(shared_base(), in.data());
               ld_shared<u32>(shared_base());
               cp_async_wait_all();
             })
        .failure;
  };
  EXPECT_EQ(failure(false), "");
  EXPECT_EQ(failure(true).substr(0, 5), "race:");
}

TEST(Landings, DefinednessAloneFindsWhatHasNotLanded) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Gpu gpu({.seed = seed, .races = false});
    const Buffer<u32> in(gpu, std::vector<u32>(4, 1), "in");
    const std::string failure = gpu.run(shape_of(1, 16),
                                        [&] {
                                          cp_async<16>(shared_base(), in.data());
                                          ld_shared<u32>(shared_base());
                                          cp_async_wait_all();
                                        })
                                    .failure;
    if (failure.rfind("undefined: ", 0) == 0) ++found;
  }
  EXPECT_GT(found, 10);
}

}  // namespace
}  // namespace windtunnel::device
