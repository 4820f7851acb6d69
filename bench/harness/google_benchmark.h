// Google Benchmark as the harness: names, iterations and its own JSON; the timings are ours.
#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "bench/harness/result.h"

namespace windtunnel::bench {

/// What a case is sampled with, and what came of it.
using Measure = std::function<Result(const Case&)>;

/// Runs `measure` once for each case, inside a benchmark of its name with manual time and fixed
/// iterations, and writes Google Benchmark's JSON to `json`. A case without a result is an error
/// there. The results are in the order of the cases.
std::vector<Result> run_benchmarks(std::span<const Case> cases, const Run& run,
                                   const Measure& measure, std::ostream& json);

}  // namespace windtunnel::bench
