#include "simulator/hardware/link_scaling.h"

#include <gtest/gtest.h>

#include "tests/hardware/shipped.h"
#include "tests/hardware/small_surface.h"

namespace windtunnel {
namespace {

/// 10 us and 1 ns an element among two GPUs.
Surface collective() {
  const TableRule& rule = *find_table_rule("nccl");
  std::vector<double> axes, seconds;
  for (double elements = 256; elements < 1e9; elements *= 2) {
    axes.insert(axes.end(), {2, elements});
    seconds.push_back(10e-6 + 1e-9 * elements);
  }
  return make_surface(rule, {"all_gather", "half"}, axes, seconds);
}

Answer answer_of(double seconds) {
  return {seconds, 0.9 * seconds, 1.1 * seconds, Reach::kMeasured, std::nullopt};
}

TEST(LinkScaling, TheLatencyStaysAndTheBytesMoveByTheRatioOfBandwidths) {
  const Surface surface = collective();
  const Gpu &h100 = shipped_gpu("h100"), &h800 = shipped_gpu("h800");
  const auto place = place_of({2, 1e6});
  const Answer moved = moved_to_links(answer_of(1.01e-3), surface, place, h100, h800);
  // 10 us + 1 ms x 450 / 200
  EXPECT_NEAR(moved.seconds, 2.26e-3, 2e-5);
  const Answer small = moved_to_links(answer_of(10e-6), surface, place, h100, h800);
  EXPECT_NEAR(small.seconds, 10e-6, 3e-7);
  EXPECT_LT(moved.low, moved.seconds);
  EXPECT_GT(moved.high, moved.seconds);
}

TEST(LinkScaling, SingleGpuKernelsCarryOver) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, {1, 2, 4}, [](double x) { return x; });
  EXPECT_FALSE(is_bound_by_nvlink(line));
  const Answer answer =
      moved_to_links(answer_of(5), line, place_of({2}), shipped_gpu("h100"), shipped_gpu("h800"));
  EXPECT_EQ(answer.seconds, 5);
}

TEST(LinkScaling, TransfersBetweenNodesDontMoveWithNvlink) {
  const StoredTable* table = find_table(shipped(), "h100", "deepep_normal");
  EXPECT_TRUE(is_bound_by_nvlink(find_group(table->table, {"1"})->surfaces[0]));
  EXPECT_FALSE(is_bound_by_nvlink(find_group(table->table, {"8"})->surfaces[0]));
}

TEST(LinkScaling, DispatchOnH800IsThatOfH100MovedToItsLinks) {
  // Independent of the look-up: DeepEP's authors measured 153 GB/s of logical bytes on eight H800,
  // 4096 tokens x 5.29 ranks x 7392 bytes in 1.048 ms; H100 takes 0.492 ms with the same 20 SMs.
  const StoredTable* table = find_table(shipped(), "h100", "deepep_normal");
  const Surface& surface = find_group(table->table, {"1"})->surfaces[0];
  const auto place = place_of({7168, 8, 256, 20, 4096});
  const Answer h100 = look_up(surface, table->calibrations[0], place);
  const Answer h800 =
      moved_to_links(h100, surface, place, shipped_gpu("h100"), shipped_gpu("h800"));
  EXPECT_NEAR(h800.seconds / 1.048e-3, 1, 0.05);
}

}  // namespace
}  // namespace windtunnel
