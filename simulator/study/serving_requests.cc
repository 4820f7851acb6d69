#include "simulator/study/serving_requests.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "simulator/base/csv_file.h"
#include "simulator/base/error.h"
#include "simulator/base/random.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

constexpr int kLongest = 1 << 24;  // tokens
constexpr double kLatest = 1e9;    // seconds

enum Draw : std::uint64_t { kGap, kPrompt, kOutput };

/// exp(N(ln mean - s^2 / 2, s)), whose mean is `mean` for any s.
int length_of(const Lengths& lengths, std::uint64_t hash) {
  const double s = lengths.spread;
  const double tokens = s > 0 ? lengths.mean * std::exp(s * normal(hash) - s * s / 2)
                              : static_cast<double>(lengths.mean);
  return static_cast<int>(std::clamp(std::round(tokens), 1.0, static_cast<double>(kLongest)));
}

std::vector<Request> drawn(const RequestPlan& plan) {
  std::vector<Request> requests;
  requests.reserve(static_cast<std::size_t>(plan.count));
  const auto seed = static_cast<std::uint64_t>(plan.seed);
  double now = 0;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(plan.count); ++i) {
    // 1 - u is never 0.
    now -= std::log(1 - uniform(mix(seed, i, kGap))) * plan.interval.value;
    requests.push_back({now, length_of(plan.prompt, mix(seed, i, kPrompt)),
                        length_of(plan.output, mix(seed, i, kOutput))});
  }
  return requests;
}

int tokens_at(const CsvTable& trace, std::size_t row, std::size_t column) {
  const std::int64_t tokens = trace.integer(row, column);
  if (tokens >= 1 && tokens <= kLongest) return static_cast<int>(tokens);
  throw ConfigError(trace.source(row, column), "no number of tokens",
                    "a whole number from 1 to 16777216");
}

std::vector<Request> traced(const Sourced<std::string>& named) {
  const CsvTable trace = load_csv(beside(named), named.source);
  const std::size_t arrival = trace.column("arrival_s");
  const std::size_t prompt = trace.column("prompt_tokens");
  const std::size_t output = trace.column("output_tokens");
  if (trace.row_count() == 0) throw ConfigError(named.source, "a trace without requests");
  std::vector<Request> requests;
  for (std::size_t row = 0; row < trace.row_count(); ++row) {
    const double at = trace.number(row, arrival);
    const double before = requests.empty() ? 0 : requests.back().arrival_s;
    if (!(at >= before && at <= kLatest)) {
      throw ConfigError(trace.source(row, arrival), "arrivals are not in order",
                        "seconds from the start, none before the last one");
    }
    requests.push_back({at, tokens_at(trace, row, prompt), tokens_at(trace, row, output)});
  }
  return requests;
}

}  // namespace

std::vector<Request> serving_requests(const ServingScenario& scenario) {
  const RequestPlan& plan = scenario.requests;
  return plan.trace ? traced(*plan.trace) : drawn(plan);
}

}  // namespace windtunnel
