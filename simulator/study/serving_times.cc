#include "simulator/study/serving_times.h"

#include <algorithm>
#include <cmath>

namespace windtunnel {
namespace {

/// `first`, each next one `factor` times as much, up to `most`, which is the last.
std::vector<double> doubling(double first, double most, double factor) {
  std::vector<double> knots;
  for (double knot = first; knot < most; knot *= factor) knots.push_back(std::floor(knot));
  knots.push_back(most);
  knots.erase(std::unique(knots.begin(), knots.end()), knots.end());
  return knots;
}

constexpr double kShortestContext = 128;

/// The part of an iteration that is its prompts' attention: with it, less without it.
double prompt_part(ServingPrices& prices, const ServingScenario& scenario, const ServingUnit& unit,
                   std::int64_t tokens, std::int64_t cached) {
  ServingUnit alone = unit;
  alone.micro_batches = 1;  // attention is compute of one stream, whatever travels beside it
  alone.skew.slowest = 1;   // as compute_stretch() has it
  ServingRows rows{.prompt_tokens = tokens,
                   .prompts = 1,
                   .cached = cached,
                   .requests = 0,
                   .queries = 1,
                   .context = 0,
                   .tiles = 0};
  const Seconds with = run_iteration(prices, scenario, alone, rows).compute;
  rows.prompts = 0;
  const Seconds part = with - run_iteration(prices, scenario, alone, rows).compute;
  return part.value * compute_stretch(scenario, unit, true);
}

double image_seconds(ServingPrices& prices, const ServingScenario& scenario,
                     const ServingUnit& unit) {
  if (scenario.memory.image_tiles == 0) return 0;
  const ServingRows rows{.prompt_tokens = 0,
                         .prompts = 0,
                         .cached = 0,
                         .requests = 0,
                         .queries = 1,
                         .context = 0,
                         .tiles = scenario.memory.image_tiles};
  return run_iteration(prices, scenario, unit, rows).time.value;
}

double line(const std::vector<double>& values, std::size_t at, double part) {
  if (part == 0) return values[at];
  return values[at] * (1 - part) + values[at + 1] * part;
}

}  // namespace

IterationTimes::IterationTimes(ServingPrices& prices, const ServingScenario& scenario,
                               const ServingUnit& unit, const IterationLimits& limits) {
  prompt_knots_ = {0};
  if (limits.prompt_tokens > 0) {
    for (const double knot :
         doubling(std::max(1, limits.prompt_tokens / 64), limits.prompt_tokens, 4)) {
      prompt_knots_.push_back(knot);
    }
  }
  request_knots_ = {0};
  if (limits.requests > 0) {
    for (const double knot : doubling(1, limits.requests, 2)) request_knots_.push_back(knot);
  }
  const double longest = std::max<double>(limits.context, kShortestContext * 2);
  context_knots_ = doubling(kShortestContext, longest, 2);
  const double gap = scenario.assumptions.iteration_gap.value.value;
  for (const double prompt : prompt_knots_) {
    for (const double requests : request_knots_) {
      for (const double context : context_knots_) {
        const ServingRows rows{.prompt_tokens = static_cast<std::int64_t>(prompt),
                               .prompts = 0,
                               .cached = 0,
                               .requests = static_cast<std::int64_t>(requests),
                               .queries = queries_of(scenario),
                               .context = static_cast<std::int64_t>(context),
                               .tiles = 0};
        const bool same = requests == 0 && context != context_knots_.front();
        grid_.push_back(same ? grid_.back()
                             : run_iteration(prices, scenario, unit, rows).time.value + gap);
      }
    }
  }
  if (limits.prompt_tokens == 0) return;
  length_knots_ = doubling(1, longest, 2);
  for (const double length : length_knots_) {
    const auto tokens = static_cast<std::int64_t>(length);
    attention_.push_back(prompt_part(prices, scenario, unit, tokens, 0));
    // One token after so many cached ones costs little but to expand them.
    expansion_.push_back(prompt_part(prices, scenario, unit, 1, tokens));
  }
  images_ = image_seconds(prices, scenario, unit);
}

IterationTimes IterationTimes::scaled(const TimeFactors& factors) const {
  IterationTimes other = *this;
  const std::size_t decoding = request_knots_.size() * context_knots_.size();  // no prompt tokens
  for (std::size_t i = 0; i < grid_.size(); ++i) {
    other.grid_[i] *= i < decoding ? factors.decode : factors.prompt;
  }
  for (double& seconds : other.attention_) seconds *= factors.prompt;
  for (double& seconds : other.expansion_) seconds *= factors.prompt;
  other.images_ *= factors.prompt;
  return other;
}

IterationTimes::Cell IterationTimes::cell_of(const std::vector<double>& knots, double value) {
  if (value <= knots.front()) return {0, 0};
  if (value >= knots.back()) return {knots.size() - 1, 0};
  const auto above = std::upper_bound(knots.begin(), knots.end(), value);
  const auto at = static_cast<std::size_t>(above - knots.begin()) - 1;
  return {at, (value - knots[at]) / (knots[at + 1] - knots[at])};
}

double IterationTimes::at(std::size_t prompt, std::size_t request, std::size_t context) const {
  return grid_[(prompt * request_knots_.size() + request) * context_knots_.size() + context];
}

double IterationTimes::seconds(int prompt_tokens, int requests, double context) const {
  const Cell p = cell_of(prompt_knots_, prompt_tokens);
  const Cell r = cell_of(request_knots_, requests);
  const Cell c = cell_of(context_knots_, context);
  const auto along_context = [&](std::size_t prompt, std::size_t request) {
    const double low = at(prompt, request, c.at);
    return c.part == 0 ? low : low + c.part * (at(prompt, request, c.at + 1) - low);
  };
  const auto along_requests = [&](std::size_t prompt) {
    const double low = along_context(prompt, r.at);
    return r.part == 0 ? low : low + r.part * (along_context(prompt, r.at + 1) - low);
  };
  const double low = along_requests(p.at);
  return p.part == 0 ? low : low + p.part * (along_requests(p.at + 1) - low);
}

IterationTimes::Slope IterationTimes::slope(int prompt_tokens, int requests, double context) const {
  const auto above = std::upper_bound(context_knots_.begin(), context_knots_.end(), context);
  if (above == context_knots_.end()) return {0, HUGE_VAL};
  if (above == context_knots_.begin()) return {0, *above};
  const double low = *(above - 1);
  const double rise =
      seconds(prompt_tokens, requests, *above) - seconds(prompt_tokens, requests, low);
  return {rise / (*above - low), *above};
}

double IterationTimes::prompt_seconds(double tokens, double cached, bool first) const {
  const auto at = [this](const std::vector<double>& values, double length) {
    const Cell cell = cell_of(length_knots_, length);
    return line(values, cell.at, cell.part);
  };
  double seconds = at(attention_, tokens + cached);
  if (cached > 0) seconds += at(expansion_, cached) - at(attention_, cached);
  return seconds + (first ? images_ : 0);
}

}  // namespace windtunnel
