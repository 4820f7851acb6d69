#include "simulator/study/training_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/run.h"
#include "simulator/study/step.h"
#include "simulator/workload/expert_load.h"
#include "simulator/workload/phase_walk.h"
#include "simulator/workload/slot_walk.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// Rounding of single ops, and of sums in another order, is all that may hide a bound's error.
constexpr double kRounding = 1e-6;

/// A division into as many stages as the plan has, of which only the number counts.
std::vector<int> provisional_layers(int layers, int stages) {
  std::vector<int> division(static_cast<std::size_t>(stages), layers / stages);
  for (int i = 0; i < layers % stages; ++i) ++division[static_cast<std::size_t>((i + 1) % stages)];
  return division;
}

Objectives objectives_of(const RunProjection& run, Bytes memory) {
  return {run.gpu_hours, run.days, run.cost.value, memory.value};
}

}  // namespace

/// What the plans of one block share, made when the first of them needs it.
struct TrainingPlans::Block {
  Scenario scenario;
  const Scenario& base;
  std::optional<ModelParts> parts;
  std::map<std::array<int, 4>, std::optional<DividedModel>> divided = {};

  /// Stages by their number and by what is sharded how.
  const DividedModel* divided_as(const Scenario& plan) {
    const Degrees& degrees = plan.parallelism;
    const int stages = static_cast<int>(plan.stages.layers.size());
    const bool shards = degrees.zero_stage >= 2;
    const std::array key{stages, shards ? degrees.zero_stage : 0, shards ? degrees.pipeline : 0,
                         degrees.shard_group.value_or(0)};
    auto [found, fresh] = divided.try_emplace(key);
    if (fresh) {
      found->second = divide_model(plan, shards ? with_shards(*parts, plan) : *parts, stages);
    }
    return found->second ? &*found->second : nullptr;
  }
};

Bytes peak_of(const Scenario& scenario) {
  Bytes peak{0};
  for (const RankMemory& rank : memory(scenario, main_schedule(scenario),
                                       micro_batches(scenario, scenario.batch.sequences))) {
    peak = std::max(peak, rank.total);
  }
  return peak;
}

Objectives training_objectives(const Scenario& scenario, const PriceBook& book, LoadShelf* shelf) {
  const RunProjection run = fold_run(scenario, [&](const ScheduleKind& kind, int count) {
    return folded_step_time(scenario, book, kind, count, shelf);
  });
  return objectives_of(run, peak_of(scenario));
}

TrainingPlans::TrainingPlans(const TrainingPlanSpec& spec, const PriceBook& book)
    : spec_(spec), all_(combinations_of(spec)), most_memory_(0), memory_limit_(0), book_(book) {
  for (const Scenario& base : all_.bases) {
    most_memory_ = std::max(most_memory_, base.cluster.gpu.memory.value);
  }
  const auto wanted = spec.limits ? spec.limits->memory : std::nullopt;
  memory_limit_ = wanted ? std::min(wanted->value, most_memory_) : most_memory_;
}

Objectives TrainingPlans::counted(const RunProjection& run, Bytes memory) const {
  return objectives_of(run, {counted_memory(spec_, memory.value, memory_limit_)});
}

/// Of a plan's cluster.
std::size_t TrainingPlans::place_of(std::int64_t index) const {
  return static_cast<std::size_t>(index / all_.block_size) % all_.bases.size();
}

std::optional<std::filesystem::path> TrainingPlans::cluster_of(std::int64_t index) const {
  if (spec_.clusters.empty()) return std::nullopt;
  return beside(spec_.clusters[place_of(index)].file);
}

PlanSpace TrainingPlans::space() {
  return {.blocks = all_.blocks,
          .block_size = all_.block_size,
          .screen = [this](std::int64_t block) { return screen(block); },
          .evaluate = [this](std::int64_t index) { return evaluate(index); },
          .tighten = {[this](std::int64_t index) { return with_walk(index); },
                      [this](std::int64_t index) { return with_phases(index); },
                      [this](std::int64_t index) { return with_its_step(index); }},
          .quick = 2};
}

std::vector<PlanVerdict> TrainingPlans::screen(std::int64_t number) {
  const auto cluster = static_cast<std::size_t>(number) % all_.bases.size();
  Block block{.scenario = block_scenario(all_, number), .base = all_.bases[cluster], .parts = {}};
  std::vector<PlanVerdict> verdicts;
  verdicts.reserve(static_cast<std::size_t>(all_.block_size));
  for (int place = 0; place < all_.block_size; ++place) {
    verdicts.push_back(verdict_of(block, number, place));
  }
  return verdicts;
}

PlanVerdict TrainingPlans::verdict_of(Block& block, std::int64_t number, int place) {
  std::string again = repeated(all_, block.scenario, number, place);
  if (!again.empty()) return {.rejected = std::move(again), .example = ""};
  if (block.scenario.cluster.nodes > block.base.cluster.nodes) {
    return rejected_for(
        fmt::format("{} nodes are more than the cluster has", block.scenario.cluster.nodes));
  }
  Scenario plan = block.scenario;
  apply(pipeline_choice(all_, place), block.base, plan);
  const int stages = plan.parallelism.pipeline * *plan.schedule.virtual_stages;
  const int layers = static_cast<int>(plan.model.layers.size());
  if (stages > layers + 2) {
    return rejected_for(fmt::format("{} layers are too few for {} stages", layers, stages));
  }
  plan.stages.layers = provisional_layers(layers, stages);
  try {
    static const Node kNowhere{Table{}, {}};
    check_scenario(kNowhere, plan);
    if (!block.parts) block.parts = model_parts(plan, book_);
  } catch (const ConfigError& error) {
    return rejected_by(error);
  }
  const DividedModel* model = block.divided_as(plan);
  if (model == nullptr) {
    return rejected_for(fmt::format("{} layers are too few for {} stages", layers, stages));
  }
  return least_of(plan, *block.parts, *model);
}

PlanVerdict TrainingPlans::least_of(const Scenario& scenario, const ModelParts& parts,
                                    const DividedModel& model) {
  const ScheduleKind& schedule = main_schedule(scenario);
  const int count = micro_batches(scenario, scenario.batch.sequences);
  const auto profile = profiles_.of(schedule, schedule_shape(scenario, schedule, count));
  const Bytes memory = peak_memory(scenario, schedule, *profile, model, parts.workspace);
  const Gpu& gpu = scenario.cluster.gpu;
  if (gpu.memory.value < most_memory_ && memory * (1 - kRounding) > gpu.memory) {
    return rejected_for("over the memory of " + gpu.name);
  }
  return {.rejected = "",
          .example = "",
          .least = counted(least_run(scenario, model, {}), memory * (1 - kRounding)),
          .effort = static_cast<double>(count)};
}

RunProjection TrainingPlans::least_run(const Scenario& scenario, const DividedModel& model,
                                       std::optional<Seconds> full_step) {
  const ScheduleKind& main = main_schedule(scenario);
  const int full = micro_batches(scenario, scenario.batch.sequences);
  return fold_run(scenario, [&](const ScheduleKind& kind, int count) {
    if (full_step && &kind == &main && count == full) return *full_step;
    const auto profile = profiles_.of(kind, schedule_shape(scenario, kind, count));
    return to_seconds(least_step(*profile, model.times)) * (1 - kRounding);
  });
}

/// Members that a plan's step is walked with: as many as are simulated where that is known to the
/// walk, else one.
int TrainingPlans::shown_members(const Scenario& plan) {
  const int members = folded_members(plan);
  const bool alike = !plan.skew.routing || !is_skewed(*plan.skew.routing);
  return alike && members <= static_cast<int>(kMostMembers) ? members : 1;
}

Seconds TrainingPlans::least_of_phases(const StepPlan& plan, int members) {
  MemberLoads loads(plan, members, &loads_);
  return to_seconds(least_phases(plan, loads)) * (1 - kRounding);
}

/// A plan with its parts in its stages.
struct TrainingPlans::Divided {
  Scenario scenario;
  DividedModel model;
};

TrainingPlans::Divided TrainingPlans::divided(std::int64_t index) const {
  const std::int64_t number = index / all_.block_size;
  Scenario plan = block_scenario(all_, number);
  apply(pipeline_choice(all_, static_cast<int>(index % all_.block_size)),
        all_.bases[place_of(index)], plan);
  const int stages = plan.parallelism.pipeline * *plan.schedule.virtual_stages;
  plan.stages.layers = provisional_layers(static_cast<int>(plan.model.layers.size()), stages);
  check_scenario({Table{}, {}}, plan);
  DividedModel model = *divide_model(plan, with_shards(model_parts(plan, book_), plan), stages);
  plan.stages.layers = model.layers;
  return {.scenario = std::move(plan), .model = std::move(model)};
}

Scenario TrainingPlans::scenario_of(std::int64_t index) const { return divided(index).scenario; }

Objectives TrainingPlans::with_walk(std::int64_t index) {
  const auto [plan, model] = divided(index);
  const ScheduleKind& schedule = main_schedule(plan);
  const int count = micro_batches(plan, plan.batch.sequences);
  const Picoseconds walk = least_walk(schedule, schedule_shape(plan, schedule, count), model.times);
  return counted(least_run(plan, model, to_seconds(walk) * (1 - kRounding)), peak_of(plan));
}

Objectives TrainingPlans::with_phases(std::int64_t index) {
  const auto [plan, model] = divided(index);
  const ScheduleKind& schedule = main_schedule(plan);
  const int count = micro_batches(plan, plan.batch.sequences);
  const PricedStep priced = price_step(plan, book_, schedule);
  const StepPlan full = step_plan(plan, priced, schedule, count);
  const Seconds step = least_of_phases(full, shown_members(plan));
  return counted(least_run(plan, model, step), peak_of(plan));
}

/// The plan's run where the time of all steps but the full batch's is told by `time_of_others`.
Objectives TrainingPlans::with_step(const Scenario& plan, Seconds step,
                                    const StepTime& time_of_others) const {
  const ScheduleKind& schedule = main_schedule(plan);
  const int full = micro_batches(plan, plan.batch.sequences);
  const RunProjection run = fold_run(plan, [&](const ScheduleKind& kind, int count) {
    const bool known = &kind == &schedule && count == full;
    return known ? step : time_of_others(kind, count);
  });
  return counted(run, peak_of(plan));
}

Objectives TrainingPlans::with_its_step(std::int64_t index) {
  const Scenario plan = scenario_of(index);
  const Seconds step = full_step(index, plan);
  return with_step(plan, step, [&](const ScheduleKind& kind, int count) {
    const PricedStep priced = price_step(plan, book_, kind);
    return least_of_phases(step_plan(plan, priced, kind, count), shown_members(plan));
  });
}

Objectives TrainingPlans::evaluate(std::int64_t index) {
  const Scenario plan = scenario_of(index);
  const Seconds step = full_step(index, plan);
  return with_step(plan, step, [&](const ScheduleKind& kind, int count) {
    return folded_step_time(plan, book_, kind, count, &loads_);
  });
}

Seconds TrainingPlans::full_step(std::int64_t index, const Scenario& plan) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = steps_.find(index);
    if (known != steps_.end()) return known->second;
  }
  const Seconds step = folded_step_time(plan, book_, main_schedule(plan),
                                        micro_batches(plan, plan.batch.sequences), &loads_);
  const std::lock_guard lock(mutex_);
  return steps_.emplace(index, step).first->second;
}

}  // namespace windtunnel
