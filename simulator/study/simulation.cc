#include "simulator/study/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "simulator/analysis/comparison.h"
#include "simulator/analysis/network.h"
#include "simulator/analysis/overlap.h"
#include "simulator/analysis/provenance.h"
#include "simulator/analysis/step_causes.h"
#include "simulator/analysis/step_parts.h"
#include "simulator/analysis/throughput.h"
#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/critical.h"
#include "simulator/study/inputs.h"
#include "simulator/study/run.h"
#include "simulator/study/sensitivity.h"
#include "simulator/study/skew_effect.h"
#include "simulator/study/step.h"
#include "simulator/study/unfolded_sensitivity.h"
#include "simulator/workload/network_routes.h"
#include "simulator/workload/rank_speed.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

using Clock = std::chrono::steady_clock;

ScenarioSummary summary(const Scenario& scenario, const ScheduleKind& schedule) {
  const int count = micro_batches(scenario, scenario.batch.sequences);
  return {.path = scenario.path.string(),
          .name = scenario.name,
          .kind = std::string(kind_name(scenario.kind)),
          .model = scenario.model.name,
          .gpu = scenario.cluster.gpu.name,
          .gpus = gpu_count(scenario.cluster),
          .pipeline = scenario.parallelism.pipeline,
          .expert = scenario.parallelism.expert,
          .data = data_ranks(scenario),
          .tensor = scenario.parallelism.tensor,
          .context = scenario.parallelism.context,
          .zero_stage = scenario.parallelism.zero_stage,
          .schedule = std::string(schedule.name),
          .virtual_stages = schedule_shape(scenario, schedule, count).virtual_stages,
          .micro_batches = count};
}

StepProjection step_projection(const std::vector<SlotSpan>& spans, int ranks, Picoseconds makespan,
                               const Sensitivity& sensitivity) {
  std::vector<StepParts> parts;
  for (int rank = 0; rank < ranks; ++rank) parts.push_back(step_parts(spans, rank, makespan));
  const Seconds time = to_seconds(makespan);
  return {.rank0 = parts.front(),
          .mean = mean_parts(parts),
          .ranks = parts,
          .low = time * (1 - std::min(1.0, sensitivity.step_low)),
          .high = time * (1 + sensitivity.step_high)};
}

RunProjection with_interval(RunProjection run, const Sensitivity& sensitivity) {
  const double low = 1 - std::min(1.0, sensitivity.run_low);
  const double high = 1 + sensitivity.run_high;
  run.gpu_hours_low = run.gpu_hours * low;
  run.gpu_hours_high = run.gpu_hours * high;
  for (RunStage& stage : run.stages) {
    stage.gpu_hours_low = stage.gpu_hours * low;
    stage.gpu_hours_high = stage.gpu_hours * high;
  }
  return run;
}

std::vector<AssumptionEffect> effects(const Sensitivity& sensitivity, double gpu_hours,
                                      Seconds step_time) {
  std::vector<AssumptionEffect> all;
  for (const AssumptionShift& shift : sensitivity.assumptions) {
    all.push_back({.what = shift.what,
                   .value = shift.value,
                   .range = shift.range,
                   .why = shift.why,
                   .gpu_hours_low = gpu_hours * shift.run_low,
                   .gpu_hours_high = gpu_hours * shift.run_high,
                   .step_low_s = step_time.value * shift.step_low,
                   .step_high_s = step_time.value * shift.step_high});
  }
  return all;
}

std::vector<MeasurementEffect> measurements(const Sensitivity& sensitivity, double gpu_hours,
                                            Seconds step_time) {
  std::vector<MeasurementEffect> all;
  for (const ClassShift& shift : sensitivity.classes) {
    all.push_back({.what = shift.what,
                   .gpu_hours_low = gpu_hours * shift.step_low,
                   .gpu_hours_high = gpu_hours * shift.step_high,
                   .step_low_s = step_time.value * shift.step_low,
                   .step_high_s = step_time.value * shift.step_high});
  }
  return all;
}

MemoryProjection memory_projection(const Scenario& scenario, const ScheduleKind& schedule) {
  MemoryProjection projection{
      .peak = {0},
      .capacity = scenario.cluster.gpu.memory,
      .fits = false,
      .peak_rank = 0,
      .ranks = memory(scenario, schedule, micro_batches(scenario, scenario.batch.sequences))};
  for (const RankMemory& rank : projection.ranks) {
    if (rank.total <= projection.peak) continue;
    projection.peak = rank.total;
    projection.peak_rank = rank.rank;
  }
  projection.fits = projection.peak <= projection.capacity;
  return projection;
}

/// No interval and no effect.
Sensitivity none_asked(Seconds step) {
  return {.step = step,
          .assumptions = {},
          .classes = {},
          .step_low = 0,
          .step_high = 0,
          .run_low = 0,
          .run_high = 0};
}

Roofs roofs_of(const Gpu& gpu) {
  return {.bf16 = gpu.bf16_peak, .fp8 = gpu.fp8_peak, .memory = gpu.memory_rate};
}

EngineStatistics statistics(const TrainingStep& step, const SimulationOptions& options,
                            Seconds wall) {
  return {.fidelity = options.fidelity == Fidelity::kFull ? "full" : "folded",
          .ranks = static_cast<std::int64_t>(step.pipeline_ranks) * step.members,
          .ops = static_cast<std::int64_t>(op_count(step.graph)),
          .wall = wall,
          .peak_rss = peak_rss(),
          .threads = options.threads};
}

/// What a simulated step says; its run, provenance and engine are still to come.
Projection step_answers(const Scenario& scenario, const PricedStep& priced, const StepPlan& plan,
                        const SimulatedStep& simulated, const Sensitivity& shifts, bool full) {
  std::vector<SlotSpan> spans = slot_spans(simulated.step, simulated.timeline);
  const Picoseconds makespan = simulated.timeline.makespan;
  return {
      .scenario = summary(scenario, main_schedule(scenario)),
      .step = step_projection(spans, scenario.parallelism.pipeline, makespan, shifts),
      .communication = overlap(plan, simulated.step, simulated.timeline),
      .throughput = throughput(scenario, to_seconds(makespan)),
      .run = {},
      .memory = memory_projection(scenario, main_schedule(scenario)),
      .provenance = {},
      .published = {},
      .terms = priced_terms(priced, scenario.assumptions.launch_gap, simulated.step.slots.front()),
      .timeline = std::move(spans),
      .inputs = {},
      .engine = {},
      .network =
          network_projection(scenario, full, network_routes(plan, simulated.step.members).alike),
      .roofs = roofs_of(scenario.cluster.gpu)};
}

/// A profile of another chip would be read and never used.
void check_own(const PriceBook& book, const Gpu& gpu) {
  if (!book.own || same_chip(traced_gpu(*book.own), gpu)) return;
  throw UsageError(fmt::format("--measurements: the profile is of {}, which prices nothing on {}",
                               traced_gpu(*book.own).name, gpu.name));
}

}  // namespace

std::vector<ComparisonRow> published_rows(const std::filesystem::path& path, bool changed,
                                          const Projection& projection, const Scenario& scenario,
                                          const std::filesystem::path& root) {
  std::vector<ComparisonRow> rows;
  for (const PublishedFile& file : load_all_published(root / "scenarios/published")) {
    std::error_code missing;
    if (!std::filesystem::equivalent(beside(file.scenario), path, missing)) continue;
    const auto found = compare_published(file, projection, scenario.model,
                                         attention_length(scenario.batch), changed);
    rows.insert(rows.end(), found.begin(), found.end());
  }
  sort_by_failure(rows);
  return rows;
}

Projection simulate(const Scenario& scenario, const PriceBook& book,
                    const SimulationOptions& options) {
  LoadShelf own;
  LoadShelf* const shelf = options.shelf == nullptr ? &own : options.shelf;
  const ScheduleKind& schedule = main_schedule(scenario);
  check_own(book, scenario.cluster.gpu);
  const PricedStep priced = price_step(scenario, book, schedule);
  const int count = micro_batches(scenario, scenario.batch.sequences);
  const bool full = options.fidelity == Fidelity::kFull;
  const int members = full ? data_ranks(scenario) : folded_members(scenario);
  check_step(scenario, full, members);
  // The rest of the work are the sensitivity's steps, some 30, of 1 or 4 members.
  constexpr double kSensitivityMembers = 48;
  const double of_step = members / (members + kSensitivityMembers / options.threads);
  // Before the step itself, whose graph fills the memory as each of these does.
  const auto unfolded =
      full && options.intervals ? unfolded_ranges(scenario, priced) : std::vector<UnfoldedRange>();
  const auto before = Clock::now();
  const StepPlan plan = step_plan(scenario, priced, schedule, count);
  const SimulatedStep simulated =
      simulate_step(plan, members, within(options.progress, 0, of_step), shelf);
  const std::chrono::duration<double> wall = Clock::now() - before;
  const Seconds step_time = to_seconds(simulated.timeline.makespan);
  const Scenario folded = foldable(scenario);
  Sensitivity shifts = options.intervals
                           ? sensitivity(folded, book,
                                         {.threads = options.threads,
                                          .progress = within(options.progress, of_step, 1),
                                          .step = full ? std::nullopt : std::optional(step_time),
                                          .shelf = shelf})
                           : none_asked(step_time);
  add_unfolded(shifts, unfolded, step_time);
  // A folded step stands for the full one where simulating every rank each time would take minutes.
  const double full_over_folded = step_time / shifts.step;
  Projection projection = step_answers(scenario, priced, plan, simulated, shifts, full);
  projection.engine = statistics(simulated.step, options, {wall.count()});
  if (options.whole_run && scenario.kind != ScenarioKind::kOverlappedPair) {
    const auto time_of = [&](const ScheduleKind& kind, int step_count) {
      if (&kind == &schedule && step_count == count) return step_time;
      return folded_step_time(folded, book, kind, step_count, shelf) * full_over_folded;
    };
    projection.run = with_interval(fold_run(scenario, time_of, options.threads), shifts);
  }
  projection.provenance = provenance_shares(projection.terms);
  projection.provenance.full_over_folded = full_over_folded;
  const double gpu_hours = projection.run ? projection.run->gpu_hours : 0;
  projection.provenance.assumptions = effects(shifts, gpu_hours, step_time);
  projection.provenance.measurements = measurements(shifts, gpu_hours, step_time);
  projection.skew = skew_effect(scenario, book, shifts.step);
  if (options.critical) {
    projection.critical = critical(scenario, priced,
                                   step_causes(priced, scenario.assumptions.launch_gap.value, plan,
                                               simulated.step, simulated.timeline),
                                   gpu_hours, options.threads);
  }
  return projection;
}

Projection simulate(const Scenario& scenario, const SimulationOptions& options) {
  Projection projection =
      simulate(scenario, load_price_book(options.root, options.measurements), options);
  projection.inputs = input_files(scenario.files, options.root, options.measurements);
  projection.published =
      published_rows(scenario.path, scenario.changed, projection, scenario, options.root);
  return projection;
}

}  // namespace windtunnel
