#include "reports/export/rank_slices.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/reports/export/traced.h"

namespace windtunnel {
namespace {

std::vector<Slice> slices_of(const TracedStep& traced, TraceLevel level,
                             const TraceWindow& window = kWholeStep) {
  std::vector<Slice> all;
  visit_slices(traced, {.gpu = 0, .rank = 0, .pipeline = 0}, level, window,
               [&](const Slice& slice) { all.push_back(slice); });
  return all;
}

std::int64_t busy(const std::vector<Slice>& slices, TraceLane lane, std::string_view kind) {
  std::int64_t sum = 0;
  for (const Slice& slice : slices) {
    if (slice.lane == lane && slice.kind == kind) sum += slice.length();
  }
  return sum;
}

TEST(RankSlices, HoldEveryOpThatTakesTime) {
  const TracedStep& traced = traced_pair();
  std::int64_t expected = 0;
  for (const OpId op : traced.ranks.of(0)) {
    const auto at = static_cast<std::size_t>(op);
    if (owner_of(traced.simulated.step, op).kind != OpKind::kCompute) continue;
    expected += (traced.simulated.timeline.end[at] - traced.simulated.timeline.start[at]).count;
  }
  EXPECT_GT(expected, 0);
  EXPECT_EQ(busy(slices_of(traced, TraceLevel::kPhase), TraceLane::kCompute, "compute"), expected);
}

TEST(RankSlices, NestWithinALaneAtEveryLevel) {
  for (const TraceLevel level : {TraceLevel::kSlot, TraceLevel::kPhase, TraceLevel::kKernel}) {
    std::map<TraceLane, std::vector<Slice>> open;
    for (const Slice& slice : slices_of(traced_pair(), level)) {
      std::vector<Slice>& stack = open[slice.lane];
      while (!stack.empty() && stack.back().end <= slice.start) stack.pop_back();
      if (!stack.empty()) {
        EXPECT_LE(stack.back().start, slice.start);
        EXPECT_GE(stack.back().end, slice.end);
      }
      EXPECT_LT(stack.size(), 2U);
      stack.push_back(slice);
    }
  }
}

// Kernels and the gaps behind them fill a phase: the launch gap is 2 us, so most is kernels.
TEST(RankSlices, KernelsFillTheirPhases) {
  const std::vector<Slice> all = slices_of(traced_pair(), TraceLevel::kKernel);
  const std::int64_t phases = busy(all, TraceLane::kCompute, "compute");
  const std::int64_t kernels = busy(all, TraceLane::kCompute, "kernel");
  EXPECT_LT(kernels, phases);
  EXPECT_GT(static_cast<double>(kernels), 0.9 * static_cast<double>(phases));
}

TEST(RankSlices, TheOptimizersCollectivesAreToldApart) {
  const TracedStep& traced = traced_pipeline();
  int reduces = 0;
  int gathers = 0;
  for (const Slice& slice : slices_of(traced, TraceLevel::kPhase)) {
    if (slice.name == "reduce gradients") ++reduces;
    if (slice.name == "gather parameters") ++gathers;
    if (slice.kind == "gradient") {
      EXPECT_NE(slice.price, nullptr);
    }
  }
  EXPECT_EQ(reduces, 1);
  EXPECT_EQ(gathers, 1);
}

TEST(RankSlices, SayWhichChunkAndBlockTheyAreOf) {
  const std::vector<Slice> all = slices_of(traced_pair(), TraceLevel::kPhase);
  int forward = 0;
  for (const Slice& slice : all) {
    if (slice.name != "attn(F)") continue;
    EXPECT_EQ(slice.block, "MoE layer");
    EXPECT_EQ(slice.position, forward);
    EXPECT_EQ(slice.micro_batch, 0);
    ++forward;
  }
  EXPECT_EQ(forward, 4);
}

TEST(RankSlices, AWindowKeepsWhatOverlapsIt) {
  const std::vector<Slice> all = slices_of(traced_pair(), TraceLevel::kPhase);
  const TraceWindow window{10'000'000'000, 20'000'000'000};  // 10 ms to 20 ms
  const std::vector<Slice> some = slices_of(traced_pair(), TraceLevel::kPhase, window);
  std::size_t expected = 0;
  for (const Slice& slice : all) {
    if (slice.end > window.from && slice.start < window.to) ++expected;
  }
  EXPECT_EQ(some.size(), expected);
  EXPECT_LT(some.size(), all.size());
  EXPECT_GT(some.size(), 2U);
}

// 2 pipeline ranks, 4 micro-batches: activations one way, gradients the other, 8 data ranks.
TEST(Arrivals, AreTheSendsOfAllRanks) {
  const std::vector<Arrival> all = arrivals(traced_pipeline());
  std::set<OpId> sends;
  for (const Arrival& arrival : all) {
    const TrainingStep& step = traced_pipeline().simulated.step;
    EXPECT_EQ(owner_of(step, arrival.send).kind, OpKind::kSend);
    EXPECT_NE(owner_of(step, arrival.send).pipeline_rank,
              owner_of(step, arrival.receiver).pipeline_rank);
    sends.insert(arrival.send);
  }
  EXPECT_EQ(sends.size(), 2U * 4 * 8);
}

}  // namespace
}  // namespace windtunnel
