#include "reports/export/trace_size.h"

#include <gtest/gtest.h>

#include "tests/reports/export/traced.h"

namespace windtunnel {
namespace {

TEST(TraceSize, CountsTheSlicesThatAreWritten) {
  const TracedStep& traced = traced_pair();
  const std::vector<TraceRank> ranks = first_of_each_rank(traced);
  std::int64_t slices = 0;
  visit_slices(traced, ranks[0], TraceLevel::kPhase, kWholeStep, [&](const Slice&) { ++slices; });
  const TraceSize size =
      trace_size(traced, {ranks[0]}, TraceLevel::kPhase, kWholeStep, TraceFormat::kKineto);
  EXPECT_EQ(size.slices, slices);
  EXPECT_GT(size.bytes, 100 * static_cast<double>(slices));
}

TEST(TooLarge, SaysWhatNoReaderOpens) {
  EXPECT_FALSE(too_large({.slices = 1000000, .bytes = 80e6}, 2048, TraceFormat::kPerfetto));
  EXPECT_EQ(too_large({.slices = 10300000, .bytes = 836e6}, 2048, TraceFormat::kPerfetto),
            "about 10.3 M slices in 836 MB; no browser opens more than about 512 MB");
  EXPECT_FALSE(too_large({.slices = 1000, .bytes = 1e5}, 64, TraceFormat::kKineto));
  EXPECT_EQ(too_large({.slices = 1000, .bytes = 1e5}, 65, TraceFormat::kKineto),
            "65 ranks in one Kineto file, of which readers take up to 64");
  EXPECT_TRUE(too_large({.slices = 1000000, .bytes = 300e6}, 1, TraceFormat::kKineto));
}

}  // namespace
}  // namespace windtunnel
