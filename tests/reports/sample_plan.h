// A search's answer for the tests of what shows it.
#pragma once

#include "simulator/study/plan_report.h"

namespace windtunnel {

inline PlanRow sample_row(std::int64_t index, double hours, double gigabytes, bool front) {
  const auto around = [](double value) {
    return Interval{.value = value, .low = 0.9 * value, .high = 1.1 * value};
  };
  return {.index = index,
          .choices = {{"precision", "\"fp8\""},
                      {"schedule.name", front ? "\"dualpipe\"" : "\"1f1b\""},
                      {"parallelism.tensor", index % 2 == 0 ? "1" : "2"}},
          .takes = {around(hours), around(hours / 2048 / 24), around(2 * hours),
                    exact(gigabytes * 1e9)},
          .front = front,
          .tied = false};
}

/// Two of the front, one more of the best, and a known plan.
inline PlanReport sample_plan() {
  PlanReport report{.path = "plans/sample.toml",
                    .name = "A sample",
                    .scenario = "scenarios/sample.toml",
                    .serving = false,
                    .quantities = {{"gpu_hours", "hours", kNoLimit},
                                   {"days", "days", 60},
                                   {"usd", "USD", kNoLimit},
                                   {"memory", "bytes", 80e9}},
                    .objective = 0,
                    .plans = 184320,
                    .bounded = 1200,
                    .evaluated = 48,
                    .rejected = {{"N layers are too few for N stages", 14400,
                                  "61 layers are too few for 64 stages"},
                                 {"over the limit of memory by its lower bound", 900, ""}},
                    .front = {sample_row(4, 2.5e6, 70, true), sample_row(7, 2.6e6, 40, true)},
                    .best = {sample_row(4, 2.5e6, 70, true), sample_row(9, 2.55e6, 72, false)},
                    .marks = {},
                    .nearest = {},
                    .left_out = {"ranges"},
                    .inputs = {{"plans/sample.toml", "00ff"}}};
  report.front[0].tied = report.front[1].tied = true;
  PlanMark mark{};
  mark.name = "Theirs";
  report.marks.push_back(marked(PlanSpec{}, report, mark, sample_row(0, 2.7e6, 75, false).takes));
  report.marks.back().path = "scenarios/theirs.toml";
  return report;
}

/// The same without a plan that keeps to the limits.
inline PlanReport impossible_plan() {
  PlanReport report = sample_plan();
  report.front.clear();
  report.best.clear();
  report.marks.clear();
  report.nearest = {
      {.limit = 3, .plans = 900, .plan = sample_row(5, 2.4e6, 96, false), .settled = true},
      {.limit = -1, .plans = 20, .plan = sample_row(6, 6e6, 90, false), .settled = true}};
  return report;
}

}  // namespace windtunnel
