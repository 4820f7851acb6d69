#include "simulator/study/sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <optional>
#include <span>

#include "simulator/base/threads.h"
#include "simulator/study/step.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// An assumption with the scenarios that its range allows besides the assumed one, and how much
/// more steps of how many more GPUs each of their runs takes (none: as many). `run_factors`
/// multiply the run's hours without touching a step (uptime).
struct Question {
  std::string what;
  std::string value;
  std::string range;
  std::string why;
  std::vector<Scenario> variants;
  std::vector<double> run_factors;
  std::vector<double> variant_factors = {};
  bool as_assumed = false;  ///< asked of the scenario with its imbalance
};

template <typename T>
using Member = Assumption<T> Assumptions::*;

template <typename T>
std::vector<Scenario> ends_of(const Scenario& scenario, Member<T> member) {
  std::vector<Scenario> variants;
  const Assumption<T>& assumption = scenario.assumptions.*member;
  for (const T& end : {assumption.low, assumption.high}) {
    if (end == assumption.value) continue;
    variants.push_back(scenario);
    (variants.back().assumptions.*member).value = end;
  }
  return variants;
}

template <typename T, typename Show>
Question ask(const Scenario& scenario, const std::string& what, Member<T> member, Show show) {
  const Assumption<T>& assumption = scenario.assumptions.*member;
  return {.what = what,
          .value = show(assumption.value),
          .range = show(assumption.low) + " to " + show(assumption.high),
          .why = assumption.why,
          .variants = ends_of(scenario, member),
          .run_factors = {}};
}

std::string shown(double value) { return fmt::format("{:g}", value); }

std::string shown_microseconds(Seconds value) { return fmt::format("{:g} us", value.value * 1e6); }

/// How popular experts are counts beside the spread of routing, and that beside it.
Question ask_popularity(const Scenario& scenario) {
  const Assumption<double>& zipf = *scenario.skew.routing->zipf;
  Question question{.what = "skew.routing.zipf",
                    .value = shown(zipf.value),
                    .range = shown(zipf.low) + " to " + shown(zipf.high),
                    .why = zipf.why,
                    .variants = {},
                    .run_factors = {},
                    .as_assumed = true};
  for (const double end : {zipf.low, zipf.high}) {
    if (end == zipf.value) continue;
    question.variants.push_back(scenario);
    question.variants.back().skew.routing->zipf->value = end;
  }
  return question;
}

Question ask_host(const Scenario& scenario) {
  const Assumption<Seconds>& host = *scenario.assumptions.host_launch;
  Question question{.what = "host_launch",
                    .value = shown_microseconds(host.value),
                    .range = shown_microseconds(host.low) + " to " + shown_microseconds(host.high),
                    .why = host.why,
                    .variants = {},
                    .run_factors = {}};
  for (const Seconds end : {host.low, host.high}) {
    if (end == host.value) continue;
    question.variants.push_back(scenario);
    question.variants.back().assumptions.host_launch->value = end;
  }
  return question;
}

/// Runs of equal stages by their length: "3 14x4 2".
std::string division_text(const std::vector<int>& layers) {
  std::string text;
  for (auto first = layers.begin(); first != layers.end();) {
    const int count = *first;
    const auto last = std::find_if(first, layers.end(), [=](int other) { return other != count; });
    if (!text.empty()) text += " ";
    const auto length = last - first;
    text += length > 1 ? fmt::format("{}x{}", length, count) : fmt::format("{}", count);
    first = last;
  }
  return text;
}

Question ask_division(const Scenario& scenario) {
  Question question{.what = "stages.layers",
                    .value = division_text(scenario.stages.layers),
                    .range = division_text(scenario.stages.layers),
                    .why = "the division of layers over stages is not published",
                    .variants = {},
                    .run_factors = {}};
  for (const auto& layers : scenario.stages.alternatives) {
    question.range += " or " + division_text(layers);
    question.variants.push_back(scenario);
    question.variants.back().stages.layers = layers;
  }
  return question;
}

/// A choice between named ways, of which `alternatives` could be so too.
template <typename Choice, typename Part>
Question ask_choice(const Scenario& scenario, const std::string& what, Part Scenario::*part,
                    Choice Part::*choice, const std::vector<Choice>& alternatives,
                    std::string_view (*name)(Choice), const std::string& why) {
  const std::string value(name(scenario.*part.*choice));
  Question question{
      .what = what, .value = value, .range = value, .why = why, .variants = {}, .run_factors = {}};
  for (const Choice other : alternatives) {
    question.range += " or " + std::string(name(other));
    Scenario& variant = question.variants.emplace_back(scenario);
    Part& changed = variant.*part;
    changed.*choice = other;
  }
  return question;
}

Question ask_hand_on(const Scenario& scenario) {
  return ask_choice(scenario, "schedule.hand_on", &Scenario::schedule, &ScheduleChoice::hand_on,
                    scenario.schedule.hand_on_alternatives, hand_on_name,
                    "whether a chunk's output leaves before its slot ends is not published");
}

Question ask_pairing(const Scenario& scenario) {
  return ask_choice(scenario, "stages.pairing", &Scenario::stages, &StageDivision::pairing,
                    scenario.stages.pairing_alternatives, pairing_name,
                    "how the blocks of unlike stages are interleaved in an overlapped pair is not "
                    "published");
}

Question ask_network(const Scenario& scenario) {
  const Link& link = scenario.cluster.scale_out;
  const auto show = [](BytesPerSecond rate) { return fmt::format("{:g} GB/s", rate.value / 1e9); };
  const BytesPerSecond best = link.effective_high.value_or(link.effective);
  Question question{
      .what = "scale_out.effective",
      .value = show(link.effective),
      .range = show(link.effective) + " to " + show(best),
      .why = "what pipeline sends and gradient collectives reach on a NIC: " + link.source,
      .variants = {},
      .run_factors = {}};
  if (best != link.effective) {
    question.variants.push_back(scenario);
    question.variants.back().cluster.scale_out.effective = best;
  }
  return question;
}

Question ask_uptime(const Scenario& scenario) {
  Question question =
      ask<double>(scenario, "uptime", &Assumptions::uptime, [](double v) { return shown(v); });
  question.variants.clear();
  const Assumption<double>& uptime = scenario.assumptions.uptime;
  for (const double end : {uptime.low, uptime.high}) {
    question.run_factors.push_back(uptime.value / end);
  }
  return question;
}

/// GPU steps of the full batch that the run takes.
double gpu_steps(const Scenario& scenario) {
  return scenario.run.tokens.value * gpu_count(scenario.cluster) / scenario.batch.sequences /
         scenario.batch.sequence_length;
}

Question ask_range(const Scenario& scenario, const ScenarioRange& range) {
  Question question{.what = range.what,
                    .value = range.assumed,
                    .range = range.others,
                    .why = range.why,
                    .variants = range.cases,
                    .run_factors = {}};
  for (const Scenario& variant : range.cases) {
    question.variant_factors.push_back(gpu_steps(variant) / gpu_steps(scenario));
  }
  return question;
}

std::vector<Question> questions(const Scenario& scenario) {
  const auto number = [](double value) { return shown(value); };
  std::vector<Question> all;
  all.push_back(
      ask<double>(scenario, "routing_deviation", &Assumptions::routing_deviation, number));
  all.back().as_assumed = true;
  if (scenario.skew.routing && scenario.skew.routing->zipf) all.push_back(ask_popularity(scenario));
  all.push_back(ask<int>(scenario, "sms_alone", &Assumptions::sms_alone,
                         [](int value) { return fmt::format("{} SMs", value); }));
  all.push_back(ask<Seconds>(scenario, "launch_gap", &Assumptions::launch_gap, shown_microseconds));
  if (scenario.assumptions.host_launch) all.push_back(ask_host(scenario));
  if (scenario.kind == ScenarioKind::kOverlappedPair) return all;
  all.push_back(ask<double>(scenario, "gradient_overlap", &Assumptions::gradient_overlap, number));
  all.push_back(ask_network(scenario));
  if (!scenario.schedule.hand_on_alternatives.empty()) all.push_back(ask_hand_on(scenario));
  if (!scenario.stages.alternatives.empty()) all.push_back(ask_division(scenario));
  if (!scenario.stages.pairing_alternatives.empty()) all.push_back(ask_pairing(scenario));
  all.push_back(ask_uptime(scenario));
  for (const ScenarioRange& range : scenario.ranges) all.push_back(ask_range(scenario, range));
  return all;
}

/// The classes of which the scenario has any.
std::vector<ErrorClass> priced_classes(const Scenario& scenario) {
  std::vector<ErrorClass> classes;
  for (const ErrorClass one : kErrorClasses) {
    if (one == ErrorClass::kSequence && gpus_per_data_rank(scenario) == 1) continue;
    if (one == ErrorClass::kShard && scenario.parallelism.zero_stage < 2) continue;
    classes.push_back(one);
  }
  return classes;
}

/// One simulation to make: `scenarios[scenario]`, perhaps with a class of prices at an end of its
/// interval.
struct Job {
  int scenario;
  ErrorClass moved = ErrorClass::kNothing;
  bool lowered = false;
};

/// One of each scenario.
std::vector<std::optional<PricedStep>> priced_steps(const std::vector<Scenario>& scenarios,
                                                    const PriceBook& book, int threads) {
  std::vector<std::optional<PricedStep>> priced(scenarios.size());
  parallel_for(static_cast<int>(scenarios.size()), threads, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    priced[i] = price_step(scenarios[i], book, main_schedule(scenarios[i]));
  });
  return priced;
}

std::vector<double> step_times(const std::vector<Scenario>& scenarios, const std::vector<Job>& jobs,
                               const PriceBook& book, const SensitivityOptions& options) {
  const auto priced = priced_steps(scenarios, book, options.threads);
  std::vector<double> times(jobs.size());
  WorkCount count_of_jobs(options.progress, static_cast<int>(jobs.size()));
  parallel_for(static_cast<int>(jobs.size()), options.threads, [&](int index) {
    const Job& job = jobs[static_cast<std::size_t>(index)];
    const Scenario& scenario = scenarios[static_cast<std::size_t>(job.scenario)];
    const int count = micro_batches(scenario, scenario.batch.sequences);
    const StepPlan plan = step_plan(scenario, *priced[static_cast<std::size_t>(job.scenario)],
                                    main_schedule(scenario), count, job.moved, job.lowered);
    const SimulatedStep step = simulate_step(plan, folded_members(scenario), {}, options.shelf);
    times[static_cast<std::size_t>(index)] = to_seconds(step.timeline.makespan).value;
    count_of_jobs.finish_one();
  });
  return times;
}

/// Imbalance multiplies the cost of a simulation and hardly changes what else matters: every
/// question but its own is put to the balanced scenario.
Scenario balanced(Scenario scenario) {
  scenario.assumptions.routing_deviation.value = 0;
  scenario.skew = {};
  return scenario;
}

/// `work`: steps of the changed run over those of the run.
void widen(AssumptionShift& shift, double factor, double work) {
  shift.step_low = std::min(shift.step_low, factor);
  shift.step_high = std::max(shift.step_high, factor);
  shift.run_low = std::min(shift.run_low, factor * work);
  shift.run_high = std::max(shift.run_high, factor * work);
}

double quadrature(double a, double b) { return std::sqrt(a * a + b * b); }

/// Adds what a question's variants, of the step times `times`, make of a step of `base`.
void add_shift(Sensitivity& result, const Question& question, std::span<const double> times,
               double base) {
  AssumptionShift shift{.what = question.what,
                        .value = question.value,
                        .range = question.range,
                        .why = question.why,
                        .step_low = 1,
                        .step_high = 1,
                        .run_low = 1,
                        .run_high = 1};
  for (std::size_t i = 0; i < times.size(); ++i) {
    widen(shift, times[i] / base,
          question.variant_factors.empty() ? 1 : question.variant_factors[i]);
  }
  for (const double factor : question.run_factors) {
    shift.run_low = std::min(shift.run_low, factor);
    shift.run_high = std::max(shift.run_high, factor);
  }
  result.step_low = quadrature(result.step_low, 1 - shift.step_low);
  result.step_high = quadrature(result.step_high, shift.step_high - 1);
  result.run_low = quadrature(result.run_low, 1 - shift.run_low);
  result.run_high = quadrature(result.run_high, shift.run_high - 1);
  result.assumptions.push_back(std::move(shift));
}

}  // namespace

Sensitivity sensitivity(const Scenario& scenario, const PriceBook& book,
                        const SensitivityOptions& options) {
  std::vector<Question> asked = questions(scenario);
  for (Question& question : asked) {
    if (question.as_assumed) continue;
    for (Scenario& variant : question.variants) variant = balanced(std::move(variant));
  }
  std::vector<Scenario> scenarios{balanced(scenario)};
  std::vector<Job> jobs{{.scenario = 0}};
  const std::vector<ErrorClass> classes = priced_classes(scenario);
  for (const ErrorClass moved : classes) {
    jobs.push_back({.scenario = 0, .moved = moved, .lowered = true});
    jobs.push_back({.scenario = 0, .moved = moved, .lowered = false});
  }
  for (const Question& question : asked) {
    for (const Scenario& variant : question.variants) {
      jobs.push_back({.scenario = static_cast<int>(scenarios.size())});
      scenarios.push_back(variant);
    }
  }
  if (!options.step) {
    jobs.push_back({.scenario = static_cast<int>(scenarios.size())});
    scenarios.push_back(scenario);
  }
  const std::vector<double> times = step_times(scenarios, jobs, book, options);
  const double as_assumed = options.step ? options.step->value : times.back();
  const double as_balanced = times[0];
  Sensitivity result{.step = {as_assumed},
                     .assumptions = {},
                     .classes = {},
                     .step_low = 0,
                     .step_high = 0,
                     .run_low = 0,
                     .run_high = 0};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const double lowered = times[1 + 2 * i];
    const double raised = times[2 + 2 * i];
    result.step_low = quadrature(result.step_low, as_balanced - lowered);
    result.step_high = quadrature(result.step_high, raised - as_balanced);
    if (lowered == raised) continue;  // the scenario has none of them
    result.classes.push_back({.what = std::string(class_name(classes[i])),
                              .step_low = lowered / as_balanced,
                              .step_high = raised / as_balanced});
  }
  result.step_low = result.run_low = result.step_low / as_balanced;
  result.step_high = result.run_high = result.step_high / as_balanced;
  std::size_t next = 1 + 2 * classes.size();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::size_t count = asked[i].variants.size();
    add_shift(result, asked[i], std::span(times).subspan(next, count),
              asked[i].as_assumed ? as_assumed : as_balanced);
    next += count;
  }
  return result;
}

}  // namespace windtunnel
