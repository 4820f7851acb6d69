#include "simulator/study/reinforcement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "simulator/base/error.h"
#include "simulator/base/random.h"
#include "simulator/study/inputs.h"
#include "simulator/study/serving_load.h"
#include "simulator/study/serving_rates.h"
#include "simulator/study/step.h"
#include "simulator/workload/serving/kernel_price.h"
#include "simulator/workload/serving/memory.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

constexpr std::uint64_t kLengthSeed = 20250120;
/// Lengths at which a turn is simulated.
constexpr int kLengths = 7;

/// exp(N(ln mean - s^2 / 2, s)), cut at `longest`.
int drawn_length(double mean, double spread, int longest, std::uint64_t answer) {
  const double s = spread;
  const double tokens = mean * std::exp(s * normal(mix(kLengthSeed, answer)) - s * s / 2);
  return std::clamp(static_cast<int>(std::lround(std::min(tokens, 1e9))), 1, longest);
}

/// All that a simulation of turns keeps.
struct Sampler {
  ServingPrices& prices;
  std::vector<UnitMemory> memory;
};

/// The answers of one turn start together; the turn waits for the last.
Seconds sampling_time(const Reinforcement& plan, Sampler& sampler, double tokens) {
  std::vector<Request> requests;
  const double spread = plan.assumptions.length_spread.value;
  for (int i = 0; i < plan.rollout; ++i) {
    const auto answer = static_cast<std::uint64_t>(i);
    requests.push_back({.arrival_s = 0,
                        .prompt = plan.serving.requests.prompt.mean,
                        .output = drawn_length(tokens, spread, plan.longest, answer)});
  }
  const QueueProjection run = serving_load(sampler.prices, plan.serving, sampler.memory, requests);
  if (run.refused > 0) {
    throw ConfigError(
        plan.serving.requests_at,
        fmt::format("{} of {} answers are longer than any cache", run.refused, plan.rollout),
        "larger units, or shorter answers");
  }
  return {run.span_s};
}

/// The micro-batches of a step, or one more where the schedule runs only that.
int runnable(const Scenario& scenario, int count) {
  const ScheduleKind& main = main_schedule(scenario);
  const auto runs = [&](int n) { return !main.problem(schedule_shape(scenario, main, n)); };
  return !runs(count) && runs(count + 1) ? count + 1 : count;
}

/// Packs a step's answers of `tokens` into the scenario's sequences, in its other cases too. A
/// token's answer is exp(s^2) times as long as the mean answer.
Scenario packed(const Reinforcement& plan, Scenario scenario, double tokens) {
  const double whole = tokens + plan.serving.requests.prompt.mean;
  const double s = plan.assumptions.length_spread.value;
  const double seen = std::min<double>(whole * std::exp(s * s), scenario.batch.sequence_length);
  scenario.batch.document_length = std::max(1, static_cast<int>(seen));
  const double sequences = std::ceil(plan.samples * whole / scenario.batch.sequence_length);
  const double unit = static_cast<double>(data_ranks(scenario)) * scenario.batch.micro_batch;
  const double most = std::min(std::ceil(sequences / unit), 1e6);
  const int count = runnable(scenario, std::max(1, static_cast<int>(most)));
  scenario.batch.sequences = static_cast<int>(std::min(count * unit, 1e8));
  scenario.batch.ramp_sequences = scenario.batch.sequences;
  const ScheduleKind& main = main_schedule(scenario);
  if (main.problem(schedule_shape(scenario, main, count))) {
    scenario.schedule.name = scenario.schedule.fallback;
  }
  for (ScenarioRange& range : scenario.ranges) {
    for (Scenario& other : range.cases) other = packed(plan, std::move(other), tokens);
  }
  return scenario;
}

/// Times of turns with answers of some lengths, in between linear.
struct TurnTimes {
  std::vector<double> tokens;
  std::vector<Seconds> sampling;
  std::vector<Seconds> training;  ///< of all steps of a turn

  [[nodiscard]] Seconds at(const std::vector<Seconds>& times, double length) const {
    const auto above = std::lower_bound(tokens.begin(), tokens.end(), length);
    if (above == tokens.begin()) return times.front();
    if (above == tokens.end()) return times.back();
    const auto i = static_cast<std::size_t>(above - tokens.begin());
    const double part = (length - tokens[i - 1]) / (tokens[i] - tokens[i - 1]);
    return times[i - 1] * (1 - part) + times[i] * part;
  }
};

double scaled_tokens(const Reinforcement& plan, double step) {
  const double scaled = answer_tokens(plan, step) * plan.assumptions.length_scale.value;
  return std::min<double>(scaled, plan.longest);
}

/// From the shortest mean length to the longest, equally apart in their logarithm.
std::vector<double> lengths_of(const Reinforcement& plan) {
  double low = scaled_tokens(plan, 0);
  double high = low;
  for (const AnswerLength& point : plan.lengths) {
    low = std::min(low, scaled_tokens(plan, point.step));
    high = std::max(high, scaled_tokens(plan, point.step));
  }
  if (high <= low) return {low};
  std::vector<double> lengths;
  for (int i = 0; i < kLengths; ++i) {
    lengths.push_back(low * std::pow(high / low, static_cast<double>(i) / (kLengths - 1)));
  }
  return lengths;
}

TurnTimes turn_times(const Reinforcement& plan, const PriceBook& book, Sampler& sampler) {
  TurnTimes times{.tokens = lengths_of(plan), .sampling = {}, .training = {}};
  const double steps = static_cast<double>(plan.rollout) / plan.samples;
  for (const double tokens : times.tokens) {
    times.sampling.push_back(sampling_time(plan, sampler, tokens));
    const Scenario scenario = packed(plan, plan.training, tokens);
    const int count = micro_batches(scenario, scenario.batch.sequences);
    times.training.push_back(folded_step_time(scenario, book, main_schedule(scenario), count) *
                             steps);
  }
  return times;
}

/// Seconds of each part over all turns.
struct Parts {
  double sampling = 0;
  double reading = 0;
  double training = 0;
  double switching = 0;
  double tokens = 0;

  [[nodiscard]] double sum() const { return sampling + reading + training + switching; }
};

Parts all_turns(const Reinforcement& plan, const TurnTimes& times) {
  constexpr int kPieces = 256;  // of the run, each with the length of its middle
  const double turns = plan.steps * plan.samples / plan.rollout;
  Parts parts;
  for (int i = 0; i < kPieces; ++i) {
    const double length = scaled_tokens(plan, plan.steps * (i + 0.5) / kPieces);
    const double training = times.at(times.training, length).value;
    parts.sampling += times.at(times.sampling, length).value * turns / kPieces;
    parts.training += training * turns / kPieces;
    parts.reading += training * plan.assumptions.forward_share.value * turns / kPieces;
    parts.tokens +=
        (length + plan.serving.requests.prompt.mean) * plan.steps * plan.samples / kPieces;
  }
  parts.switching = turns * 3 * plan.assumptions.switch_time.value.value;
  return parts;
}

RunStage stage_of(const Reinforcement& plan, const std::string& name, double seconds,
                  double tokens) {
  const double hours = seconds / 3600 / plan.assumptions.uptime.value;
  const double gpu_hours = hours * gpu_count(plan.training.cluster);
  const double turns = plan.steps * plan.samples / plan.rollout;
  return {.name = name,
          .schedule = plan.training.schedule.name.value,
          .micro_batches = 0,
          .steps = turns,
          .tokens = {tokens},
          .step_time = {seconds / turns},
          .gpu_hours = gpu_hours,
          .gpu_hours_low = gpu_hours,
          .gpu_hours_high = gpu_hours,
          .days = hours / 24,
          .cost = plan.price_per_gpu_hour * gpu_hours};
}

RunProjection run_of(const Reinforcement& plan, const Parts& parts) {
  RunProjection run{};
  run.stages = {stage_of(plan, "sampling", parts.sampling, parts.tokens),
                stage_of(plan, "reference pass", parts.reading, parts.tokens),
                stage_of(plan, "training", parts.training, parts.tokens),
                stage_of(plan, "switching", parts.switching, 0)};
  run.tokens = {parts.tokens};
  run.steps = plan.steps;
  for (const RunStage& stage : run.stages) {
    run.gpu_hours += stage.gpu_hours;
    run.days += stage.days;
    run.cost += stage.cost;
  }
  run.gpu_hours_low = run.gpu_hours_high = run.gpu_hours;
  return run;
}

/// An assumption and what the run takes at the ends of its range.
struct Shift {
  AssumptionEffect effect;
  double low;  ///< GPU hours
  double high;
};

/// GPU hours with other assumptions, perhaps about lengths: only then are turns simulated again.
using Hours = std::function<double(const Reinforcement&, bool other_lengths)>;

template <typename T>
Shift shift_of(const Reinforcement& plan, const Hours& hours, const std::string& what,
               Assumption<T> ReinforcementAssumptions::*member, bool lengths,
               const std::string& value, const std::string& range) {
  const Assumption<T>& assumption = plan.assumptions.*member;
  std::array<double, 2> ends{};
  for (std::size_t i = 0; i < 2; ++i) {
    Reinforcement changed = plan;
    (changed.assumptions.*member).value = i == 0 ? assumption.low : assumption.high;
    ends[i] = hours(changed, lengths);
  }
  const double low = std::min(ends[0], ends[1]);
  const double high = std::max(ends[0], ends[1]);
  return {{.what = what,
           .value = value,
           .range = range,
           .why = assumption.why,
           .gpu_hours_low = low,
           .gpu_hours_high = high,
           .step_low_s = 0,
           .step_high_s = 0},
          low,
          high};
}

std::vector<Shift> shifts_of(const Reinforcement& plan, const Hours& hours) {
  using All = ReinforcementAssumptions;
  const auto number = [&](const char* what, Assumption<double> All::*member, bool lengths) {
    const Assumption<double>& a = plan.assumptions.*member;
    return shift_of(plan, hours, what, member, lengths, fmt::format("{:g}", a.value),
                    fmt::format("{:g} to {:g}", a.low, a.high));
  };
  const Assumption<Seconds>& pause = plan.assumptions.switch_time;
  return {number("length_scale", &All::length_scale, true),
          number("length_spread", &All::length_spread, true),
          number("forward_share", &All::forward_share, false),
          shift_of(plan, hours, "switch_time", &All::switch_time, false,
                   fmt::format("{:g} s", pause.value.value),
                   fmt::format("{:g} s to {:g} s", pause.low.value, pause.high.value)),
          number("uptime", &All::uptime, false)};
}

double quadrature(double a, double b) { return std::sqrt(a * a + b * b); }

/// The interval: that of decoding on the sampling, that of a training step on the rest, and each
/// assumption; independent causes add in quadrature.
void add_interval(RunProjection& run, const ServingRates& rates, const StepProjection& step,
                  const std::vector<Shift>& shifts) {
  const double sampling = run.stages[0].gpu_hours;
  const double training = run.stages[1].gpu_hours + run.stages[2].gpu_hours;
  const Interval& decode = rates.decode_tokens_per_s_per_gpu;
  const double time = step.rank0.time.value;
  double low = quadrature(sampling * (1 - decode.value / decode.high),
                          training * (1 - step.low.value / time));
  double high = quadrature(sampling * (decode.value / decode.low - 1),
                           training * (step.high.value / time - 1));
  for (const Shift& shift : shifts) {
    low = quadrature(low, run.gpu_hours - shift.low);
    high = quadrature(high, shift.high - run.gpu_hours);
  }
  const double below = 1 - std::min(1.0, low / run.gpu_hours);
  const double above = 1 + high / run.gpu_hours;
  run.gpu_hours_low = run.gpu_hours * below;
  run.gpu_hours_high = run.gpu_hours * above;
  for (RunStage& stage : run.stages) {
    stage.gpu_hours_low = stage.gpu_hours * below;
    stage.gpu_hours_high = stage.gpu_hours * above;
  }
}

}  // namespace

double answer_tokens(const Reinforcement& plan, double step) {
  const auto& points = plan.lengths;
  const auto above = std::lower_bound(
      points.begin(), points.end(), step,
      [](const AnswerLength& point, double wanted) { return point.step < wanted; });
  if (above == points.begin()) return points.front().tokens;
  if (above == points.end()) return points.back().tokens;
  const AnswerLength& below = *(above - 1);
  const double part = (step - below.step) / (above->step - below.step);
  return below.tokens * (1 - part) + above->tokens * part;
}

Projection simulate_reinforcement(const Reinforcement& plan, const SimulationOptions& options) {
  const PriceBook book = load_price_book(options.root);
  if (const auto reason = unpriced_reason(book.tables, plan.serving)) {
    throw ConfigError(plan.serving.cluster_at, *reason, "a GPU with measurements of its kernels");
  }
  ServingPrices prices(book, plan.serving);
  Sampler sampler{.prices = prices, .memory = serving_memory(plan.serving)};
  const TurnTimes times = turn_times(plan, book, sampler);
  const Hours hours = [&](const Reinforcement& changed, bool other_lengths) {
    const Parts parts =
        all_turns(changed, other_lengths ? turn_times(changed, book, sampler) : times);
    return run_of(changed, parts).gpu_hours;
  };
  const Parts parts = all_turns(plan, times);
  const Scenario last = packed(plan, plan.training, scaled_tokens(plan, plan.steps));
  Projection projection = simulate(last, options);
  RunProjection run = run_of(plan, parts);
  const std::vector<Shift> shifts = shifts_of(plan, hours);
  const ServingRates rates =
      serving_rates(prices, plan.serving, sampler.memory.front().max_tokens).rates;
  add_interval(run, rates, projection.step, shifts);
  projection.run = std::move(run);
  projection.provenance.assumptions.clear();
  projection.provenance.measurements.clear();  // those of its training step alone say little
  for (const Shift& shift : shifts) projection.provenance.assumptions.push_back(shift.effect);
  projection.scenario.path = plan.path.string();
  projection.scenario.name = plan.name;
  projection.scenario.kind = "reinforcement";
  projection.inputs = input_files(plan.files, options.root);
  projection.published =
      published_rows(plan.path, plan.changed, projection, plan.training, options.root);
  return projection;
}

}  // namespace windtunnel
