#include "simulator/study/run.h"

#include <string>
#include <vector>

namespace windtunnel {
namespace {

/// Tokens of the ramp during which a step has `micro_batches`, run by one schedule.
struct RampPiece {
  const ScheduleKind* schedule;
  int micro_batches;
  Tokens tokens;
};

bool can_run(const Scenario& scenario, const ScheduleKind& schedule, int count) {
  return !schedule.problem(
      {.pipeline_ranks = scenario.parallelism.pipeline, .micro_batches = count});
}

/// The counts a ramp passes through, each with an equal share of its tokens: growth is linear in
/// tokens. The fallback runs those below the first that the schedule can run; from there on, counts
/// that it cannot run (odd ones under DualPipe) are passed over, as a planned ramp would. A ramp
/// over no tokens has none.
std::vector<RampPiece> ramp_pieces(const Scenario& scenario, const ScheduleKind& main,
                                   const ScheduleKind& fallback) {
  if (scenario.batch.ramp_tokens.value <= 0) return {};
  const int first = micro_batches(scenario, scenario.batch.ramp_sequences);
  const int last = micro_batches(scenario, scenario.batch.sequences);
  int shortest_main = first;
  while (shortest_main < last && !can_run(scenario, main, shortest_main)) ++shortest_main;
  std::vector<RampPiece> pieces;
  for (int count = first; count < last; ++count) {
    const ScheduleKind& schedule = count < shortest_main ? fallback : main;
    if (can_run(scenario, schedule, count)) pieces.push_back({&schedule, count, {0}});
  }
  for (RampPiece& piece : pieces) {
    piece.tokens = scenario.batch.ramp_tokens / static_cast<double>(pieces.size());
  }
  return pieces;
}

/// Step times of one schedule from two simulated counts, linear between them.
struct LinearStep {
  int low_count;
  int high_count;
  Seconds low;
  Seconds high;

  [[nodiscard]] Seconds at(int count) const {
    if (high_count == low_count) return low;
    const double part = static_cast<double>(count - low_count) / (high_count - low_count);
    return low + (high - low) * part;
  }
};

LinearStep sample(const StepTime& step_time, const ScheduleKind& schedule, int low, int high) {
  const Seconds at_low = step_time(schedule, low);
  return {low, high, at_low, high == low ? at_low : step_time(schedule, high)};
}

double sequences_of(const Scenario& scenario, int count) {
  return static_cast<double>(count) * data_ranks(scenario) * scenario.batch.micro_batch;
}

/// Steps, time and money of `tokens` trained with steps of `count` micro-batches.
void add_steps(RunStage& stage, const Scenario& scenario, int count, Tokens tokens,
               Seconds step_time) {
  const double steps =
      tokens.value / (sequences_of(scenario, count) * scenario.batch.sequence_length);
  const double hours = steps * step_time.value / 3600 / scenario.assumptions.uptime.value;
  const double gpu_hours = hours * gpu_count(scenario.cluster);
  stage.steps += steps;
  stage.tokens += tokens;
  stage.gpu_hours += gpu_hours;
  stage.days += hours / 24;
  stage.cost += scenario.run.price_per_gpu_hour * gpu_hours;
}

RunStage empty_stage(std::string name, const ScheduleKind& schedule, int count) {
  return {.name = std::move(name),
          .schedule = std::string(schedule.name),
          .micro_batches = count,
          .steps = 0,
          .tokens = {0},
          .step_time = {0},
          .gpu_hours = 0,
          .gpu_hours_low = 0,
          .gpu_hours_high = 0,
          .days = 0,
          .cost = {0}};
}

void finish_stage(RunStage& stage, const Scenario& scenario) {
  stage.gpu_hours_low = stage.gpu_hours;
  stage.gpu_hours_high = stage.gpu_hours;
  stage.step_time = Seconds{stage.gpu_hours * 3600 * scenario.assumptions.uptime.value /
                            gpu_count(scenario.cluster) / stage.steps};
}

/// The part of the ramp that one schedule runs, as one stage; nothing where it runs none.
std::vector<RunStage> ramp_stage(const Scenario& scenario, const std::vector<RampPiece>& pieces,
                                 const ScheduleKind& schedule, const StepTime& step_time) {
  std::vector<RampPiece> own;
  for (const RampPiece& piece : pieces) {
    if (piece.schedule == &schedule) own.push_back(piece);
  }
  if (own.empty()) return {};
  const LinearStep times =
      sample(step_time, schedule, own.front().micro_batches, own.back().micro_batches);
  RunStage stage =
      empty_stage("batch ramp, " + std::string(schedule.name), schedule, own.back().micro_batches);
  for (const RampPiece& piece : own) {
    add_steps(stage, scenario, piece.micro_batches, piece.tokens, times.at(piece.micro_batches));
  }
  finish_stage(stage, scenario);
  return {stage};
}

}  // namespace

RunProjection fold_run(const Scenario& scenario, const StepTime& step_time) {
  const ScheduleKind& main = *find_schedule(scenario.schedule.name.value);
  const ScheduleKind& fallback = *find_schedule(scenario.schedule.fallback.value);
  const auto pieces = ramp_pieces(scenario, main, fallback);
  RunProjection run{.tokens = scenario.run.tokens,
                    .steps = 0,
                    .gpu_hours = 0,
                    .gpu_hours_low = 0,
                    .gpu_hours_high = 0,
                    .days = 0,
                    .cost = {0},
                    .stages = {}};
  if (&main != &fallback) run.stages = ramp_stage(scenario, pieces, fallback, step_time);
  for (RunStage& stage : ramp_stage(scenario, pieces, main, step_time)) run.stages.push_back(stage);
  const int full = micro_batches(scenario, scenario.batch.sequences);
  RunStage rest = empty_stage("full batch", main, full);
  const Tokens ramp = pieces.empty() ? Tokens{0} : scenario.batch.ramp_tokens;
  add_steps(rest, scenario, full, scenario.run.tokens - ramp, step_time(main, full));
  finish_stage(rest, scenario);
  run.stages.push_back(rest);
  for (const RunStage& stage : run.stages) {
    run.steps += stage.steps;
    run.gpu_hours += stage.gpu_hours;
    run.days += stage.days;
    run.cost += stage.cost;
  }
  run.gpu_hours_low = run.gpu_hours;
  run.gpu_hours_high = run.gpu_hours;
  return run;
}

}  // namespace windtunnel
