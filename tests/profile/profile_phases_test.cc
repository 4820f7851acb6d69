#include "simulator/profile/profile_phases.h"

#include <gtest/gtest.h>

#include "tests/profile/profiles.h"

namespace windtunnel {
namespace {

/// An outer annotation of ten microseconds with an inner one in its middle, kernels in both and
/// behind them, and one on the host.
Profile annotated() {
  return profile_of(
      file_of({event("gpu_user_annotation", "outer", "7", "0", "10"),
               event("gpu_user_annotation", "inner", "7", "2", "4"),
               event("user_annotation", "outer", "1", "0", "3"), kernel("a", "7", "0", "1"),
               kernel("b", "7", "2", "1"), kernel("c", "7", "5", "1"), kernel("d", "7", "6", "2"),
               kernel("e", "7", "10", "1"), kernel("f", "20", "2", "1")}));
}

TEST(Phases, KernelsBelongToTheInnermostAnnotationOnTheirStream) {
  const std::vector<PhaseSummary> phases = phases_of(annotated());
  ASSERT_EQ(phases.size(), 3U);
  EXPECT_EQ(phases[0].name, "outer");
  EXPECT_TRUE(phases[0].on_gpu);
  EXPECT_DOUBLE_EQ(phases[0].total.value, 10e-6);
  EXPECT_EQ(phases[0].kernels, 2);  // a, d
  EXPECT_DOUBLE_EQ(phases[0].kernel_time.value, 3e-6);
  EXPECT_EQ(phases[1].name, "inner");
  EXPECT_EQ(phases[1].kernels, 2);  // b, c
  EXPECT_FALSE(phases[2].on_gpu);
  EXPECT_EQ(phases[2].kernels, 0);
}

TEST(Phases, EveryKernelIsVisitedOnce) {
  const Profile profile = annotated();
  std::vector<std::size_t> depths;
  visit_kernels(profile, [&](const PlacedSpan& placed) { depths.push_back(placed.around.size()); });
  std::sort(depths.begin(), depths.end());
  EXPECT_EQ(depths, (std::vector<std::size_t>{0, 0, 1, 1, 2, 2}));
}

}  // namespace
}  // namespace windtunnel
