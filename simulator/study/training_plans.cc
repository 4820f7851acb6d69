#include "simulator/study/training_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>

#include "simulator/base/error.h"
#include "simulator/study/run.h"
#include "simulator/study/step.h"
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

/// What an error says, without its place.
std::string message_of(const ConfigError& error) {
  constexpr std::string_view kMark = "error: ";
  const std::string_view text = error.what();
  const std::size_t mark = text.find(kMark);
  const std::size_t from = mark == std::string_view::npos ? 0 : mark + kMark.size();
  return std::string(text.substr(from, text.find('\n', from) - from));
}

/// The same message whatever its numbers: "N expert ranks do not divide N data-parallel ranks".
std::string without_numbers(std::string_view message) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  std::string text;
  for (std::size_t at = 0; at < message.size();) {
    std::size_t end = at;
    while (end < message.size() && is_word(message[end])) ++end;
    const std::string_view word = message.substr(at, end - at);
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_digit)) {
      text += 'N';
    } else {
      text += word;
    }
    if (end < message.size()) text += message[end++];
    at = end;
  }
  return text;
}

PlanVerdict rejected(const std::string& message) {
  return {.rejected = without_numbers(message), .example = message};
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

Objectives training_objectives(const Scenario& scenario, const PriceBook& book) {
  const ScheduleKind& schedule = main_schedule(scenario);
  Bytes peak{0};
  for (const RankMemory& rank :
       memory(scenario, schedule, micro_batches(scenario, scenario.batch.sequences))) {
    peak = std::max(peak, rank.total);
  }
  const RunProjection run = fold_run(scenario, [&](const ScheduleKind& kind, int count) {
    return folded_step_time(scenario, book, kind, count);
  });
  return objectives_of(run, peak);
}

TrainingPlans::TrainingPlans(const TrainingPlanSpec& spec, const PriceBook& book)
    : all_(combinations_of(spec)), book_(book) {}

PlanSpace TrainingPlans::space() {
  return {
      .blocks = all_.blocks,
      .block_size = all_.block_size,
      .screen = [this](std::int64_t block) { return screen(block); },
      .tighten = [this](std::int64_t index,
                        const Objectives& least) { return tighten(index, least); },
      .evaluate =
          [this](std::int64_t index) { return training_objectives(scenario_of(index), book_); }};
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
    return rejected(
        fmt::format("{} nodes are more than the cluster has", block.scenario.cluster.nodes));
  }
  Scenario plan = block.scenario;
  apply(pipeline_choice(all_, place), block.base, plan);
  const int stages = plan.parallelism.pipeline * *plan.schedule.virtual_stages;
  const int layers = static_cast<int>(plan.model.layers.size());
  if (stages > layers + 2) {
    return rejected(fmt::format("{} layers are too few for {} stages", layers, stages));
  }
  plan.stages.layers = provisional_layers(layers, stages);
  try {
    static const Node kNowhere{Table{}, {}};
    check_scenario(kNowhere, plan);
    if (!block.parts) block.parts = model_parts(plan, book_);
  } catch (const ConfigError& error) {
    return rejected(message_of(error));
  }
  const DividedModel* model = block.divided_as(plan);
  if (model == nullptr) {
    return rejected(fmt::format("{} layers are too few for {} stages", layers, stages));
  }
  return {.rejected = "", .example = "", .least = least_of(plan, *block.parts, *model)};
}

Objectives TrainingPlans::least_of(const Scenario& scenario, const ModelParts& parts,
                                   const DividedModel& model) {
  const ScheduleKind& schedule = main_schedule(scenario);
  const int count = micro_batches(scenario, scenario.batch.sequences);
  const auto profile = profiles_.of(schedule, schedule_shape(scenario, schedule, count));
  const Bytes memory = peak_memory(scenario, schedule, *profile, model, parts.workspace);
  return objectives_of(least_run(scenario, model, {}), memory * (1 - kRounding));
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

Scenario TrainingPlans::scenario_of(std::int64_t index) const {
  const std::int64_t number = index / all_.block_size;
  const Scenario& base = all_.bases[static_cast<std::size_t>(number) % all_.bases.size()];
  Scenario plan = block_scenario(all_, number);
  apply(pipeline_choice(all_, static_cast<int>(index % all_.block_size)), base, plan);
  const int stages = plan.parallelism.pipeline * *plan.schedule.virtual_stages;
  plan.stages.layers = provisional_layers(static_cast<int>(plan.model.layers.size()), stages);
  check_scenario({Table{}, {}}, plan);
  plan.stages.layers = *division_of(model_parts(plan, book_), stages);
  return plan;
}

Objectives TrainingPlans::tighten(std::int64_t index, const Objectives& least) {
  Scenario plan = scenario_of(index);
  if (folded_members(plan) == 1) return least;
  plan.assumptions.routing_deviation.value = 0;
  const ModelParts parts = with_shards(model_parts(plan, book_), plan);
  const auto model = divide_model(plan, parts, static_cast<int>(plan.stages.layers.size()));
  const ScheduleKind& schedule = main_schedule(plan);
  const Seconds balanced =
      folded_step_time(plan, book_, schedule, micro_batches(plan, plan.batch.sequences));
  Objectives tighter =
      objectives_of(least_run(plan, *model, balanced * (1 - kRounding)), {least[3]});
  for (std::size_t i = 0; i < kObjectives; ++i) tighter[i] = std::max(tighter[i], least[i]);
  return tighter;
}

}  // namespace windtunnel
