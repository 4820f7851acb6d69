// How often verdicts are wrong: files of 20 benchmarks x 9 samples of the same code compared with
// each other, and with one benchmark 5 % slower, under each shape of noise. Prints a table.
//   verdict_study [runs of each shape, 1000]
#include <fmt/format.h>

#include <cstdlib>

#include "bench/noise_shapes.h"
#include "reports/compare/result_comparison.h"

namespace windtunnel {
namespace {

struct Counts {
  int alarms = 0;
  int found = 0;
  int others = 0;     ///< a comparison that found something else as well
  int undecided = 0;  ///< of the slower benchmark
};

Counts study(NoiseShape shape, int runs, bool clocks) {
  Counts counts;
  const auto file = [&](int run, int side, int slow) {
    const auto seed = static_cast<std::uint64_t>(run * 10 + side);
    return invented({.shape = shape,
                     .seed = mix(seed, static_cast<std::uint64_t>(shape)),
                     .slow = slow,
                     .factor = 1.05,
                     .clocks = clocks});
  };
  for (int run = 0; run < runs; ++run) {
    const ResultSet base = file(run, 0, -1);
    const auto judged = [&](const ResultSet& now) {
      return compare_results(base, now, nullptr, CompareRules{}, 1);
    };
    counts.alarms += count_of(judged(file(run, 1, -1)), Outcome::kRegressed) > 0 ? 1 : 0;
    const ResultComparison slower = judged(file(run, 2, 7));
    const Outcome outcome = slower.rows[7].outcome;
    counts.found += outcome == Outcome::kRegressed ? 1 : 0;
    counts.undecided += outcome == Outcome::kUndecided ? 1 : 0;
    counts.others += count_of(slower, Outcome::kRegressed) >
                             static_cast<std::size_t>(outcome == Outcome::kRegressed)
                         ? 1
                         : 0;
  }
  return counts;
}

}  // namespace
}  // namespace windtunnel

int main(int count, char** arguments) {
  using namespace windtunnel;
  const int runs = count > 1 ? std::atoi(arguments[1]) : 1000;
  if (runs < 1) return 2;
  fmt::print("{} comparisons of each, %\n{:<26}{:>14}{:>14}{:>14}\n", runs, "", "false alarms",
             "5 % found", "5 % undecided");
  for (const bool clocks : {false, true}) {
    for (const NoiseShape shape : kNoiseShapes) {
      if (clocks && shape < NoiseShape::kWarmUp) continue;
      const Counts counts = study(shape, runs, clocks);
      const auto percent = [&](int number) { return 100.0 * number / runs; };
      fmt::print("{:<26}{:>14.1f}{:>14.1f}{:>14.1f}\n",
                 fmt::format("{}{}", noise_name(shape), clocks ? ", clocks known" : ""),
                 percent(counts.alarms), percent(counts.found), percent(counts.undecided));
    }
  }
}
