#include "simulator/study/serving_rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "simulator/study/serving_what_ifs.h"
#include "simulator/workload/serving/unit_skew.h"

namespace windtunnel {
namespace {

/// The quantities that have an interval, as plain numbers.
enum Quantity : std::size_t { kPrefill, kDecode, kTtft, kTpot, kSpeedup, kQuantities };
using Values = std::array<double, kQuantities>;

double gap_of(const ServingScenario& scenario) {
  return scenario.assumptions.iteration_gap.value.value;
}

ServingRows decode_rows(const OperatingPoint& point, int queries) {
  return {.prompt_tokens = 0,
          .prompts = 0,
          .cached = 0,
          .requests = std::llround(point.requests),
          .queries = queries,
          .context = std::llround(point.context),
          .tiles = 0};
}

ServingRows prompt_rows(const ServingScenario& scenario, const OperatingPoint& point,
                        double prompts) {
  const double images = scenario.memory.image_tiles * prompts / point.chunks;
  return {.prompt_tokens = std::llround(std::ceil(prompts * point.chunk_tokens)),
          .prompts = std::llround(prompts),
          .cached = std::llround(point.chunk_cached),
          .requests = 0,
          .queries = 1,
          .context = 0,
          .tiles = std::llround(std::ceil(images))};
}

/// Output tokens per second of a unit's groups in such iterations, per GPU.
double decode_rate(ServingPrices& prices, const ServingScenario& scenario,
                   const OperatingPoint& point, const PriceEnd& end) {
  const ServingUnit& unit = scenario.unit;
  const double time =
      run_iteration(prices, scenario, unit, decode_rows(point, queries_of(scenario)), end)
          .time.value +
      gap_of(scenario);
  const double tokens =
      tokens_per_iteration(scenario.mtp.depth, scenario.assumptions.mtp_acceptance.value);
  return point.requests * groups_of(unit) * tokens / time / unit.gpus;
}

Values values_of(ServingPrices& prices, const ServingScenario& scenario, double max_tokens,
                 const PriceEnd& end) {
  const OperatingPoint point = operating_point(scenario, max_tokens);
  const ServingUnit& unit = prompt_unit(scenario);
  const double gap = gap_of(scenario);
  const auto prefill_time = [&](double prompts) {
    return run_iteration(prices, scenario, unit, prompt_rows(scenario, point, prompts), end)
               .time.value +
           gap;
  };
  const double found = 1 - scenario.assumptions.prefix_hits.value;
  const double prefill = point.chunk_prompts * point.chunk_tokens / found * groups_of(unit) /
                         prefill_time(point.chunk_prompts) / unit.gpus;
  const double decode = decode_rate(prices, scenario, point, end);
  double speedup = 1;
  if (scenario.mtp.depth > 0) {
    ServingScenario without = scenario;
    without.mtp.depth = 0;
    speedup = decode / decode_rate(prices, without, point, end);
  }
  return {prefill, decode, point.chunks * prefill_time(1),
          point.requests * groups_of(scenario.unit) / decode / scenario.unit.gpus, speedup};
}

/// Below and above the value, squared, of causes so far.
struct Squares {
  Values below{};
  Values above{};

  void add(const Values& value, const Values& low_end, const Values& high_end) {
    for (std::size_t i = 0; i < kQuantities; ++i) {
      const double least = std::min({value[i], low_end[i], high_end[i]}) - value[i];
      const double most = std::max({value[i], low_end[i], high_end[i]}) - value[i];
      below[i] += least * least;
      above[i] += most * most;
    }
  }

  Interval interval(const Values& value, std::size_t i) const {
    // No cause makes a rate or a time negative, their sum of squares might.
    return {value[i], std::max(0.0, value[i] - std::sqrt(below[i])),
            value[i] + std::sqrt(above[i])};
  }
};

/// A question that an assumption's range asks: two scenarios, and how it is shown.
struct Question {
  std::string what;
  std::string value;
  std::string range;
  std::string why;
  ServingScenario low;
  ServingScenario high;
};

template <typename T, typename Show>
Question ask(const ServingScenario& scenario, const char* what,
             Assumption<T> ServingAssumptions::*member, Show show) {
  const Assumption<T>& it = scenario.assumptions.*member;
  Question question{what,   show(it.value), show(it.low) + " to " + show(it.high),
                    it.why, scenario,       scenario};
  (question.low.assumptions.*member).value = it.low;
  (question.high.assumptions.*member).value = it.high;
  return question;
}

Question ask_popularity(const ServingScenario& scenario, const Assumption<double>& zipf) {
  Question question{"skew.routing.zipf",
                    fmt::format("{:g}", zipf.value),
                    fmt::format("{:g} to {:g}", zipf.low, zipf.high),
                    zipf.why,
                    scenario,
                    scenario};
  question.low.skew.routing->zipf->value = zipf.low;
  question.high.skew.routing->zipf->value = zipf.high;
  place_experts(question.low);
  place_experts(question.high);
  return question;
}

std::vector<Question> questions_of(const ServingScenario& scenario) {
  using All = ServingAssumptions;
  const auto number = [](double value) { return fmt::format("{:g}", value); };
  const auto time = [](Seconds value) { return fmt::format("{:g} us", value.value * 1e6); };
  std::vector<Question> questions;
  if (scenario.mtp.depth > 0) {
    questions.push_back(ask(scenario, "mtp_acceptance", &All::mtp_acceptance, number));
  }
  if (scenario.unit.expert > 1) {
    questions.push_back(ask(scenario, "expert_load", &All::expert_load, number));
  }
  if (const auto& routing = scenario.skew.routing; routing && routing->zipf) {
    questions.push_back(ask_popularity(scenario, *routing->zipf));
  }
  questions.push_back(ask(scenario, "prefix_hits", &All::prefix_hits, number));
  questions.push_back(ask(scenario, "launch_gap", &All::launch_gap, time));
  questions.push_back(ask(scenario, "iteration_gap", &All::iteration_gap, time));
  return questions;
}

Interval ends(double value, double a, double b) {
  return {value, std::min({value, a, b}), std::max({value, a, b})};
}

/// Dollars of a million tokens at so many a second on one GPU.
Interval dollars(const ServingScenario& scenario, const Interval& rate) {
  constexpr double kHour = 3600;
  const double per_second = scenario.price_per_gpu_hour.value / kHour;
  return {per_second / rate.value * 1e6, per_second / rate.high * 1e6, per_second / rate.low * 1e6};
}

ServingRates rates_of(const ServingScenario& scenario, const Values& value,
                      const Squares& squares) {
  ServingRates rates{};
  rates.prefill_tokens_per_s_per_gpu = squares.interval(value, kPrefill);
  rates.decode_tokens_per_s_per_gpu = squares.interval(value, kDecode);
  rates.ttft_s = squares.interval(value, kTtft);
  rates.tpot_s = squares.interval(value, kTpot);
  rates.mtp_speedup = squares.interval(value, kSpeedup);
  rates.usd_per_million_prompt_tokens = dollars(scenario, rates.prefill_tokens_per_s_per_gpu);
  rates.usd_per_million_output_tokens = dollars(scenario, rates.decode_tokens_per_s_per_gpu);
  return rates;
}

IterationProjection projection_of(ServingPrices& prices, const ServingScenario& scenario,
                                  const ServingUnit& unit, const std::string& name,
                                  const ServingRows& rows) {
  const Iteration iteration = run_iteration(prices, scenario, unit, rows);
  return {.name = name,
          .requests = static_cast<double>(rows.requests),
          .prompt_tokens = static_cast<double>(rows.prompt_tokens),
          .context = static_cast<double>(rows.requests > 0 ? rows.context : rows.cached),
          .time = iteration.time + scenario.assumptions.iteration_gap.value,
          .compute = iteration.compute,
          .transfers = iteration.transfers,
          .hidden_fraction = hidden_share(iteration),
          .terms = iteration_terms(prices, scenario, unit, rows),
          .micro_batches = unit.micro_batches,
          .launch_gap = scenario.assumptions.launch_gap.value};
}

}  // namespace

OperatingPoint operating_point(const ServingScenario& scenario, double max_tokens) {
  const RequestPlan& plan = scenario.requests;
  const double request = plan.prompt.mean + plan.output.mean;
  const double hits = scenario.assumptions.prefix_hits.value * plan.prompt.mean;
  const double computed = std::max(1.0, plan.prompt.mean - hits);
  const double chunk = scenario.batching.chunk;
  const double chunks = std::ceil(computed / chunk);
  const double tokens = computed / chunks;
  return {
      .requests = std::min<double>(scenario.batching.requests, std::floor(max_tokens / request)),
      .context = plan.prompt.mean + plan.output.mean / 2.0,
      .chunks = chunks,
      .chunk_tokens = tokens,
      .chunk_cached = hits + (computed - tokens) / 2,
      .chunk_prompts = std::max(1.0, std::floor(chunk / tokens))};
}

ServingRates serving_values(ServingPrices& prices, const ServingScenario& scenario,
                            double max_tokens) {
  return rates_of(scenario, values_of(prices, scenario, max_tokens, {}), {});
}

RatesAndEffects serving_rates(ServingPrices& prices, const ServingScenario& scenario,
                              double max_tokens) {
  const Values value = values_of(prices, scenario, max_tokens, {});
  Squares squares;
  for (std::size_t family = 0; family < kPriceFamilies.size(); ++family) {
    squares.add(value, values_of(prices, scenario, max_tokens, {family, false}),
                values_of(prices, scenario, max_tokens, {family, true}));
  }
  RatesAndEffects result{};
  for (const Question& question : questions_of(scenario)) {
    const Values low = values_of(prices, question.low, max_tokens, {});
    const Values high = values_of(prices, question.high, max_tokens, {});
    squares.add(value, low, high);
    result.effects.push_back({.what = question.what,
                              .value = question.value,
                              .range = question.range,
                              .why = question.why,
                              .ttft_s = ends(value[kTtft], low[kTtft], high[kTtft]),
                              .tpot_s = ends(value[kTpot], low[kTpot], high[kTpot])});
  }
  for (const ServingWhatIf& other : serving_what_ifs(prices, scenario)) {
    ServingPrices there(prices.book(), other.scenario);
    const Values with = values_of(there, other.scenario, max_tokens, {});
    result.effects.push_back({.what = other.what,
                              .value = other.value,
                              .range = other.range,
                              .why = other.why,
                              .ttft_s = ends(value[kTtft], with[kTtft], with[kTtft]),
                              .tpot_s = ends(value[kTpot], with[kTpot], with[kTpot])});
  }
  result.rates = rates_of(scenario, value, squares);
  return result;
}

std::vector<IterationProjection> reference_iterations(ServingPrices& prices,
                                                      const ServingScenario& scenario,
                                                      double max_tokens) {
  const OperatingPoint point = operating_point(scenario, max_tokens);
  return {projection_of(prices, scenario, prompt_unit(scenario), "prefill",
                        prompt_rows(scenario, point, point.chunk_prompts)),
          projection_of(prices, scenario, scenario.unit, "decode",
                        decode_rows(point, queries_of(scenario)))};
}

}  // namespace windtunnel
