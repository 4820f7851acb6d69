#include "simulator/study/plan_report.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

PlanRow row_of(const FoundPlan& plan) {
  PlanRow row{.index = plan.index, .choices = {}, .takes = {}, .front = false, .tied = false};
  for (std::size_t i = 0; i < kObjectives; ++i) row.takes[i] = exact(plan.takes[i]);
  row.takes[0].low *= 0.9;
  row.takes[0].high *= 1.1;
  return row;
}

PlanReport sample() {
  PlanSpec spec{};
  spec.name = "sample";
  PlanSearch found{};
  found.front = {{4, {100, 1, 1, 8}}, {2, {115, 1, 1, 6}}, {9, {140, 1, 1, 4}}};
  found.best = {found.front[0], {7, {101, 1, 1, 8}}};
  return report_of(spec, found, false,
                   {{"gpu_hours", "hours", kNoLimit},
                    {"days", "days", kNoLimit},
                    {"usd", "USD", kNoLimit},
                    {"memory", "bytes", 10}},
                   row_of);
}

TEST(PlanReportTest, MembersWhoseIntervalsReachTheFirstTie) {
  const PlanReport report = sample();
  EXPECT_TRUE(report.front[0].tied);
  EXPECT_TRUE(report.front[1].tied);   // from 103.5, the first to 110
  EXPECT_FALSE(report.front[2].tied);  // from 126
  EXPECT_TRUE(report.best[0].front);
  EXPECT_FALSE(report.best[1].front);
}

PlanSpec counted_by_one() {
  PlanSpec spec{};
  spec.memory_step = Bytes{1};
  return spec;
}

// 6 bytes are no more than 5.5 where memory counts in steps of 2: the plan of 115 is better.
TEST(PlanReportTest, AKnownPlansMemoryCountsInStepsAsThatOfTheFront) {
  const PlanReport report = sample();
  PlanMark mark{};
  PlanSpec spec{};
  spec.memory_step = Bytes{2};
  EXPECT_EQ(marked(spec, report, mark, row_of({0, {120, 1, 1, 5.5}}).takes).better, 1);
  EXPECT_EQ(marked(counted_by_one(), report, mark, row_of({0, {120, 1, 1, 4.5}}).takes).better, 0);
}

TEST(PlanReportTest, AKnownPlanIsPlacedByWhatDominatesIt) {
  const PlanReport report = sample();
  PlanMark mark{};
  mark.name = "mine";
  const MarkedPlan behind =
      marked(counted_by_one(), report, mark, row_of({0, {120, 1, 1, 7}}).takes);
  EXPECT_EQ(behind.better, 1);
  EXPECT_EQ(behind.nearest, 1);
  const MarkedPlan over = marked(counted_by_one(), report, mark, row_of({0, {90, 1, 1, 11}}).takes);
  EXPECT_EQ(over.better, 0);
  EXPECT_EQ(over.over, "memory");
}

TEST(PlanReportTest, AnotherClusterIsNamedAPartOfOneIsNot) {
  Cluster own = load_cluster("topologies/h800-2048.toml", {});
  Cluster other = load_cluster("topologies/h100-1024.toml", {});
  EXPECT_EQ(elsewhere(own, {other}), "2048 " + own.gpu.name);
  EXPECT_EQ(elsewhere(own, {other, own}), "");
  Cluster part = own;
  part.nodes /= 2;
  EXPECT_EQ(elsewhere(part, {own}), "");
  EXPECT_EQ(elsewhere(own, {part}), "2048 " + own.gpu.name);
}

TEST(PlanReportTest, FilesAreNamedOnce) {
  PlanSpec spec{};
  spec.files = {"a"};
  EXPECT_EQ(all_files(spec, {"a", "b", "b"}).size(), 2U);
}

}  // namespace
}  // namespace windtunnel
