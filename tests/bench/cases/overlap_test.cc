#include "bench/cases/overlap.h"

#include <gtest/gtest.h>

#include <set>

#include "bench/harness/measurement_folder.h"
#include "simulator/hardware/manifest.h"
#include "simulator/hardware/overlap_matrix.h"
#include "tests/base/temporary_folder.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

/// Compute takes 1.25 times as long, communication 1.5 times.
std::vector<OverlapResult> invented_overlap() {
  std::vector<OverlapResult> results;
  for (const OverlapPair& pair : overlap_pairs(132)) {
    const bool both = pair.communication_sms > 0;
    results.push_back({.pair = pair,
                       .times = {400, both ? 500.0 : 0, both ? 1000.0 : 0, both ? 1500.0 : 0},
                       .note = {}});
  }
  return results;
}

TEST(Overlap, PairsShareTheSmsInThreeWays) {
  std::set<std::string> names;
  std::set<std::pair<int, int>> splits;
  for (const OverlapPair& pair : overlap_pairs(132)) {
    EXPECT_TRUE(names.insert(pair_name(pair)).second) << pair_name(pair);
    splits.insert({pair.compute_sms, pair.communication_sms});
    // Every virtual rank gets as many CTAs as the others.
    EXPECT_EQ(pair.communication_sms % pair.communication.groups, 0);
  }
  EXPECT_EQ(splits, (std::set<std::pair<int, int>>{{112, 20}, {108, 24}, {132, 0}}));
  EXPECT_EQ(pair_name(overlap_pairs(132).front()),
            "gemm/fp8 on 112 SMs beside loopback_dispatch/fp8 on 20");
}

TEST(Overlap, TheSimulatorReadsWhatTheSuiteWrites) {
  const TemporaryFolder folder;
  std::vector<OverlapResult> results = invented_overlap();
  results[1].note = "the kernel ended first";
  write_files(folder.path, overlap_files(invented_run(), results));
  const auto place = folder.path / "h200/windtunnel-overlap";
  const OverlapMatrix matrix = load_overlap_matrix(place / "overlap.csv");
  EXPECT_EQ(matrix.cells.size(), results.size() - 1);
  const OverlapCell* cell = find_overlap(matrix, {Operation::kAttentionForward, Dtype::kBf16,
                                                  Operation::kLoopbackCombine, Dtype::kBf16, 24});
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->compute_sms, 108);
  EXPECT_DOUBLE_EQ(cell->compute_slowdown, 1.25);
  EXPECT_DOUBLE_EQ(cell->communication_slowdown, 1.5);
  const Manifest manifest = load_manifest(place);
  ASSERT_EQ(manifest.tables.size(), 1U);
  EXPECT_NE(manifest.tables[0].note.find("virtual ranks"), std::string::npos);
}

TEST(Overlap, TheTableShowsBothSlowDownsAndReasons) {
  std::vector<OverlapResult> results = invented_overlap();
  results.resize(5);
  results[1].note = "the kernel ended first";
  const std::string text = overlap_table(invented_run(), results);
  EXPECT_NE(text.find("gemm/fp8 on 112 SMs beside loopback_dispatch/fp8 on 20: 400.00 us becomes "
                      "500.00 (1.25 x), 1000.00 becomes 1500.00 (1.50 x)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("on 20: the kernel ended first\n"), std::string::npos);
  EXPECT_NE(text.find("gemm/fp8 on 132 SMs: 400.00 us\n"), std::string::npos);
}

TEST(Overlap, NothingMeasuredLeavesNoFolder) {
  EXPECT_TRUE(overlap_files(invented_run(), {}).empty());
  auto run = invented_run();
  run.machine.gpu.clear();
  EXPECT_TRUE(overlap_files(run, invented_overlap()).empty());
}

}  // namespace
}  // namespace windtunnel::bench
