#include "simulator/study/run.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "simulator/base/threads.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// Tokens of the ramp during which a step has `micro_batches`, run by one schedule.
struct RampPiece {
  const ScheduleKind* schedule;
  int micro_batches;
  Tokens tokens;
};

bool can_run(const Scenario& scenario, const ScheduleKind& schedule, int count) {
  return !schedule.problem(schedule_shape(scenario, schedule, count));
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

/// A step to simulate, and what it took.
struct TimedStep {
  const ScheduleKind* schedule;
  int micro_batches;
  Seconds time;
};

/// The ends of each schedule's part of the ramp, and the full batch last.
std::vector<TimedStep> steps_to_time(const std::vector<RampPiece>& pieces, const ScheduleKind& main,
                                     int full) {
  std::vector<TimedStep> steps;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const ScheduleKind* own = pieces[i].schedule;
    const bool first = i == 0 || pieces[i - 1].schedule != own;
    const bool last = i + 1 == pieces.size() || pieces[i + 1].schedule != own;
    if (first || last) steps.push_back({own, pieces[i].micro_batches, {0}});
  }
  steps.push_back({&main, full, {0}});
  return steps;
}

/// Step times of one schedule, linear between its first timed step and its last of the ramp.
struct LinearStep {
  TimedStep low;
  TimedStep high;

  [[nodiscard]] Seconds at(int count) const {
    if (high.micro_batches == low.micro_batches) return low.time;
    const double part =
        static_cast<double>(count - low.micro_batches) / (high.micro_batches - low.micro_batches);
    return low.time + (high.time - low.time) * part;
  }
};

LinearStep line_through(std::span<const TimedStep> ramp, const ScheduleKind& schedule) {
  const auto own = [&](const TimedStep& step) { return step.schedule == &schedule; };
  return {*std::find_if(ramp.begin(), ramp.end(), own),
          *std::find_if(ramp.rbegin(), ramp.rend(), own)};
}

double sequences_of(const Scenario& scenario, int count) {
  return static_cast<double>(count) * data_ranks(scenario) * scenario.batch.micro_batch;
}

/// Steps, time and money of `tokens` trained with steps of `count` micro-batches.
void add_steps(RunStage& stage, const Scenario& scenario, int count, Tokens tokens,
               Seconds step_time) {
  const double steps =
      tokens.value / (sequences_of(scenario, count) * scenario.batch.sequence_length);
  const double hours = steps * step_time.value / 3600 / training_share(scenario);
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
  stage.step_time = Seconds{stage.gpu_hours * 3600 * training_share(scenario) /
                            gpu_count(scenario.cluster) / stage.steps};
}

/// The part of the ramp that one schedule runs, as one stage; nothing where it runs none.
std::vector<RunStage> ramp_stage(const Scenario& scenario, const std::vector<RampPiece>& pieces,
                                 const ScheduleKind& schedule, std::span<const TimedStep> steps) {
  std::vector<RampPiece> own;
  for (const RampPiece& piece : pieces) {
    if (piece.schedule == &schedule) own.push_back(piece);
  }
  if (own.empty()) return {};
  const LinearStep times = line_through(steps.first(steps.size() - 1), schedule);
  RunStage stage =
      empty_stage("batch ramp, " + std::string(schedule.name), schedule, own.back().micro_batches);
  for (const RampPiece& piece : own) {
    add_steps(stage, scenario, piece.micro_batches, piece.tokens, times.at(piece.micro_batches));
  }
  finish_stage(stage, scenario);
  return {stage};
}

GoodputProjection goodput_of(const Scenario& scenario) {
  const FailurePlan& plan = *scenario.failures;
  const int nodes = scenario.cluster.nodes;
  const Seconds interval = checkpoint_interval(plan, nodes);
  return {.share = goodput(plan, nodes, interval),
          .interval = interval,
          .best_interval = best_interval(plan, nodes),
          .between_failures = plan.node_mtbf / nodes,
          .month = failure_month(plan, nodes, interval),
          .best_month = failure_month(plan, nodes, best_interval(plan, nodes))};
}

}  // namespace

RunProjection fold_run(const Scenario& scenario, const StepTime& step_time, int threads) {
  const ScheduleKind& main = *find_schedule(scenario.schedule.name.value);
  const ScheduleKind& fallback = *find_schedule(scenario.schedule.fallback.value);
  const auto pieces = ramp_pieces(scenario, main, fallback);
  const int full = micro_batches(scenario, scenario.batch.sequences);
  std::vector<TimedStep> steps = steps_to_time(pieces, main, full);
  parallel_for(static_cast<int>(steps.size()), threads, [&](int index) {
    TimedStep& step = steps[static_cast<std::size_t>(index)];
    step.time = step_time(*step.schedule, step.micro_batches);
  });
  RunProjection run{.tokens = scenario.run.tokens,
                    .steps = 0,
                    .gpu_hours = 0,
                    .gpu_hours_low = 0,
                    .gpu_hours_high = 0,
                    .days = 0,
                    .cost = {0},
                    .stages = {},
                    .goodput = {}};
  if (&main != &fallback) run.stages = ramp_stage(scenario, pieces, fallback, steps);
  for (RunStage& stage : ramp_stage(scenario, pieces, main, steps)) run.stages.push_back(stage);
  RunStage rest = empty_stage("full batch", main, full);
  const Tokens ramp = pieces.empty() ? Tokens{0} : scenario.batch.ramp_tokens;
  add_steps(rest, scenario, full, scenario.run.tokens - ramp, steps.back().time);
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
  if (scenario.failures) run.goodput = goodput_of(scenario);
  return run;
}

}  // namespace windtunnel
