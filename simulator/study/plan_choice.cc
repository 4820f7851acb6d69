#include "simulator/study/plan_choice.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/plan_settings.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// Takes the digit of one list of values off a number.
template <typename T>
T digit(std::int64_t& number, const std::vector<T>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  const auto place = static_cast<std::size_t>(number % count);
  number /= count;
  return values[place];
}

/// Whether a number's digit is the first of its list.
template <typename T>
bool first_of(std::int64_t& number, const std::vector<T>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  const bool first = number % count == 0;
  number /= count;
  return first;
}

template <typename T>
void fill(std::vector<T>& values, T base) {
  if (values.empty()) values.push_back(base);
}

void fill_from(const Scenario& base, TrainingChoices& choices) {
  const Degrees& degrees = base.parallelism;
  fill(choices.nodes, 0);  // all
  fill(choices.pipeline, degrees.pipeline);
  fill(choices.virtual_stages, base.schedule.virtual_stages.value_or(1));
  fill(choices.schedule, base.schedule.name.value);
  fill(choices.tensor, degrees.tensor);
  fill(choices.sequence_parallel, degrees.sequence_parallel);
  fill(choices.context, degrees.context);
  fill(choices.expert, degrees.expert);
  fill(choices.expert_tensor, degrees.expert_tensor);
  fill(choices.zero_stage, degrees.zero_stage);
  fill(choices.shard_group, degrees.shard_group.value_or(0));
  fill(choices.micro_batch, base.batch.micro_batch);
  fill(choices.recompute, base.memory.recompute);
  fill(choices.precision, base.precision);
  fill(choices.sms, base.communication.sms);
}

/// What no plan of a search has: its own division and what else this one may be.
void clear_alternatives(Scenario& base) {
  base.stages.alternatives.clear();
  base.stages.vision.clear();
  base.schedule.virtual_stages.reset();
}

constexpr std::int64_t kMostPlans = 1'000'000'000;

std::int64_t product(const Source& at, std::initializer_list<std::size_t> sizes) {
  std::int64_t all = 1;
  for (const std::size_t size : sizes) {
    if (static_cast<std::int64_t>(size) > kMostPlans / all) {
      throw ConfigError(at, "more than 10^9 plans", "fewer choices");
    }
    all *= static_cast<std::int64_t>(size);
  }
  return all;
}

bool can_run(const Scenario& scenario, const ScheduleKind& kind, int sequences, int stages) {
  if (kind.virtual_stages && scenario.schedule.virtual_stages != kind.virtual_stages) return false;
  const ScheduleShape shape = schedule_shape(scenario, kind, micro_batches(scenario, sequences));
  return stage_count(shape) == stages && !kind.problem(shape);
}

}  // namespace

void check_alike(const Scenario& scenario, const Source& place) {
  const Skew& skew = scenario.skew;
  if (!skew.speed && !skew.jitter && scenario.cluster.failed_nics.empty()) return;
  throw ConfigError(place, "plans are compared on GPUs and NICs that are alike",
                    "a scenario without skew.speed and skew.jitter, a cluster without failed_nics");
}

TrainingCombinations combinations_of(const TrainingPlanSpec& spec) {
  TrainingCombinations all{.bases = {}, .choices = spec.vary, .blocks = 0, .block_size = 0};
  const auto base_file = beside(spec.scenario);
  std::vector<PlanCluster> clusters = spec.clusters;
  if (clusters.empty()) {
    all.bases.push_back(load_unchecked(base_file, {}));
  }
  for (const PlanCluster& cluster : clusters) {
    const auto file = beside(cluster.file);
    load_toml(file, cluster.file.source);  // an unreadable one is this file's mistake
    // A file that is named by an option is relative to where the program runs.
    all.bases.push_back(load_unchecked(base_file, {{"cluster", toml_text(file.string())}}));
    Scenario& base = all.bases.back();
    base.cluster_at = cluster.file.source;
    if (cluster.price_per_gpu_hour) base.run.price_per_gpu_hour = *cluster.price_per_gpu_hour;
  }
  for (Scenario& base : all.bases) clear_alternatives(base);
  if (all.bases.front().stages.first_layer) {
    throw ConfigError(spec.scenario.source, "a part of a model has no plan",
                      "a scenario without stages.first_layer");
  }
  for (const Scenario& base : all.bases) check_alike(base, spec.scenario.source);
  if (all.bases.front().parallelism.shard_group) {
    throw ConfigError(spec.scenario.source, "its shard_group would stay in every plan",
                      "a scenario without parallelism.shard_group");
  }
  fill_from(all.bases.front(), all.choices);
  const TrainingChoices& c = all.choices;
  const Source& at = spec.scenario.source;
  const std::int64_t inner = product(at, {c.schedule.size(), c.pipeline.size(), c.zero_stage.size(),
                                          c.virtual_stages.size(), c.shard_group.size()});
  if (inner > 1'000'000) throw ConfigError(at, "too many plans of the same shapes", "10^6");
  all.block_size = static_cast<int>(inner);
  all.blocks =
      product(at, {all.bases.size(), c.nodes.size(), c.tensor.size(), c.sequence_parallel.size(),
                   c.context.size(), c.expert.size(), c.expert_tensor.size(), c.micro_batch.size(),
                   c.recompute.size(), c.precision.size(), c.sms.size()});
  product(at, {static_cast<std::size_t>(all.blocks), static_cast<std::size_t>(all.block_size)});
  return all;
}

Scenario block_scenario(const TrainingCombinations& all, std::int64_t block) {
  const TrainingChoices& c = all.choices;
  const auto cluster = static_cast<std::size_t>(block) % all.bases.size();
  block /= static_cast<std::int64_t>(all.bases.size());
  Scenario scenario = all.bases[cluster];
  const int nodes = digit(block, c.nodes);
  if (nodes > 0) scenario.cluster.nodes = nodes;
  Degrees& degrees = scenario.parallelism;
  degrees.tensor = digit(block, c.tensor);
  degrees.sequence_parallel = digit(block, c.sequence_parallel) && degrees.tensor > 1;
  degrees.context = digit(block, c.context);
  degrees.expert = digit(block, c.expert);
  degrees.expert_tensor = digit(block, c.expert_tensor);
  scenario.batch.micro_batch = digit(block, c.micro_batch);
  scenario.memory.recompute = digit(block, c.recompute);
  scenario.precision = digit(block, c.precision);
  scenario.communication.sms = digit(block, c.sms);
  return scenario;
}

PipelineChoice pipeline_choice(const TrainingCombinations& all, int place) {
  const TrainingChoices& c = all.choices;
  std::int64_t number = place;
  PipelineChoice choice{};
  choice.schedule = digit(number, c.schedule);
  choice.pipeline = digit(number, c.pipeline);
  choice.virtual_stages = digit(number, c.virtual_stages);
  choice.zero_stage = digit(number, c.zero_stage);
  choice.shard_group = digit(number, c.shard_group);
  return choice;
}

std::string repeated(const TrainingCombinations& all, const Scenario& block, std::int64_t number,
                     int place) {
  const TrainingChoices& c = all.choices;
  std::int64_t outer = number / static_cast<std::int64_t>(all.bases.size());
  first_of(outer, c.nodes);
  first_of(outer, c.tensor);
  if (block.parallelism.tensor == 1 && !first_of(outer, c.sequence_parallel)) {
    return "another plan again: without tensor ranks sequence_parallel has no meaning";
  }
  const PipelineChoice choice = pipeline_choice(all, place);
  std::int64_t inner = place;
  first_of(inner, c.schedule);
  first_of(inner, c.pipeline);
  if (choice.pipeline == 1 && choice.schedule == "interleaved_1f1b") {
    return "interleaved_1f1b needs 2 pipeline ranks or more";
  }
  if (!first_of(inner, c.virtual_stages) && find_schedule(choice.schedule)->virtual_stages) {
    return "another plan again: the schedule fixes the stages of a rank";
  }
  first_of(inner, c.zero_stage);
  if (choice.zero_stage < 3 && !first_of(inner, c.shard_group)) {
    return "another plan again: below zero_stage 3 shard_group has no meaning";
  }
  return "";
}

void apply(const PipelineChoice& choice, const Scenario& base, Scenario& scenario) {
  const ScheduleKind& kind = *find_schedule(choice.schedule);
  scenario.parallelism.pipeline = choice.pipeline;
  scenario.parallelism.zero_stage = choice.zero_stage;
  scenario.parallelism.shard_group.reset();
  if (choice.zero_stage >= 3 && choice.shard_group > 0) {
    scenario.parallelism.shard_group = choice.shard_group;
  }
  scenario.schedule.name.value = choice.schedule;
  scenario.schedule.virtual_stages = kind.virtual_stages.value_or(choice.virtual_stages);
  scenario.schedule.fallback.value = choice.schedule;
  if (data_ranks(scenario) < 1) return;
  const int stages = choice.pipeline * *scenario.schedule.virtual_stages;
  const int shortest = scenario.batch.ramp_sequences;
  const ScheduleKind* const written = find_schedule(base.schedule.fallback.value);
  if (written != nullptr && can_run(scenario, *written, shortest, stages)) {
    scenario.schedule.fallback.value = base.schedule.fallback.value;
    return;
  }
  if (can_run(scenario, kind, shortest, stages)) return;
  for (const ScheduleKind& other : schedules()) {
    if (!can_run(scenario, other, shortest, stages)) continue;
    scenario.schedule.fallback.value = std::string(other.name);
    return;
  }
}

}  // namespace windtunnel
