#include "simulator/study/plan_tables.h"

#include <algorithm>
#include <span>

#include "simulator/workload/stage_balance.h"
#include "simulator/workload/step_pricing.h"
#include "simulator/workload/update_price.h"

namespace windtunnel {
namespace {

Stage part_stage(int first_layer, int layers) {
  return {.first_layer = first_layer,
          .layers = layers,
          .embedding = false,
          .heads = false,
          .vision_layers = 0,
          .patches = false,
          .adaptor = false};
}

/// The stages of a division, with the encoder and the embedding in the first.
std::vector<Stage> stages_of(const Scenario& scenario, const std::vector<int>& layers) {
  const bool sees = scenario.model.vision.has_value();
  std::vector<Stage> all;
  int first = 0;
  for (const int count : layers) {
    all.push_back(part_stage(first, count));
    first += count;
  }
  all.front().embedding = true;
  all.front().patches = all.front().adaptor = sees;
  all.front().vision_layers = sees ? static_cast<int>(scenario.model.vision->layers) : 0;
  all.back().heads = true;
  return all;
}

/// Blocks [first, first + count) of the layers, with what stands at the model's ends.
std::vector<int> blocks_of(const ModelParts& parts, const Stage& stage, std::size_t layers) {
  const auto at = [&](std::size_t place) {
    return parts.order.begin() + static_cast<std::ptrdiff_t>(place);
  };
  const std::size_t first = parts.before + static_cast<std::size_t>(stage.first_layer);
  std::vector<int> blocks;
  if (stage.embedding) blocks.assign(at(0), at(parts.before));
  blocks.insert(blocks.end(), at(first), at(first + static_cast<std::size_t>(stage.layers)));
  if (stage.heads) blocks.insert(blocks.end(), at(parts.before + layers), parts.order.end());
  return blocks;
}

std::int64_t work_of(const ModelParts& parts, std::span<const int> blocks) {
  const StageTimes times = stage_times(parts.costs, blocks);
  return times.forward.stretch.count + times.backward.stretch.count;
}

StageParameters held_parameters(const Scenario& scenario, const DividedModel& model,
                                const std::vector<StageParameters>& of_stage,
                                const std::vector<int>& held, bool settle) {
  StageParameters sum{.experts = 0, .shared = 0, .everywhere = 0, .bf16 = 0};
  bool embedding = false;
  bool heads = false;
  for (const int stage : held) {
    sum = sum + of_stage[static_cast<std::size_t>(stage)];
    embedding = embedding || stage == 0;
    heads = heads || stage + 1 == static_cast<int>(model.layers.size());
  }
  if (settle) settle_vocabulary(scenario, embedding, heads, sum);
  return sum;
}

}  // namespace

ModelParts model_parts(const Scenario& scenario, const PriceBook& book) {
  Scenario one = scenario;
  const auto layers = one.model.layers.size();
  one.parallelism.pipeline = 1;
  one.parallelism.zero_stage = 1;
  one.parallelism.shard_group.reset();
  one.stages.layers = {static_cast<int>(layers)};
  one.stages.vision.clear();
  const PricedStep priced = price_blocks(one, book);
  ModelParts parts{.costs = step_plan(one, priced, *find_schedule("1f1b"), 1).blocks,
                   .order = priced.stages.front(),
                   .before = 0,
                   .kept = {},
                   .shared = {},
                   .workspace = layer_workspace(one)};
  const std::size_t heads = 1 + 4 * one.model.mtp.size();
  parts.before = parts.order.size() - layers - heads;
  parts.kept.assign(parts.costs.size(), {-1});
  parts.shared.resize(parts.costs.size());
  const auto share = [&](std::size_t place, const StageParameters& held) {
    parts.shared[static_cast<std::size_t>(parts.order[place])] = held;
  };
  share(parts.before - 1, vocabulary_parameters(one));
  share(parts.before + layers, vocabulary_parameters(one));
  for (std::size_t layer = 0; layer < layers; ++layer) {
    Bytes& kept = parts.kept[static_cast<std::size_t>(parts.order[parts.before + layer])];
    if (kept.value >= 0) continue;
    kept = stage_activations(one, part_stage(static_cast<int>(layer), 1));
    share(parts.before + layer, layer_parameters(one, one.model.layers[layer]));
  }
  return parts;
}

ModelParts with_shards(ModelParts parts, const Scenario& scenario) {
  for (std::size_t i = 0; i < parts.costs.size(); ++i) {
    if (!parts.shared[i]) continue;
    const auto shard = priced_shard(scenario, *parts.shared[i]);
    if (!shard) continue;
    parts.costs[i].shard = {.gather = {to_picoseconds(shard->gather.time), 0},
                            .reduce = {to_picoseconds(shard->reduce.time), 0}};
  }
  return parts;
}

std::optional<std::vector<int>> division_of(const ModelParts& parts, int stages) {
  std::vector<std::int64_t> of_block(parts.costs.size());
  for (std::size_t i = 0; i < of_block.size(); ++i) {
    const int block = static_cast<int>(i);
    of_block[i] = work_of(parts, {&block, 1});
  }
  std::size_t layers = 0;
  for (std::size_t i = parts.before; i < parts.order.size(); ++i) {
    if (!parts.costs[static_cast<std::size_t>(parts.order[i])].layer) break;
    ++layers;
  }
  std::vector<std::int64_t> times;
  for (std::size_t i = 0; i < layers; ++i) {
    times.push_back(of_block[static_cast<std::size_t>(parts.order[parts.before + i])]);
  }
  const std::span<const int> order(parts.order);
  return balanced_stages(times, work_of(parts, order.first(parts.before)),
                         work_of(parts, order.subspan(parts.before + layers)), stages);
}

std::optional<DividedModel> divide_model(const Scenario& scenario, const ModelParts& parts,
                                         int stages) {
  const auto layers = division_of(parts, stages);
  if (!layers) return std::nullopt;
  DividedModel model{
      .layers = *layers, .times = {}, .activations = {}, .parameters = {}, .learning = {}};
  const std::size_t all = scenario.model.layers.size();
  for (const Stage& stage : stages_of(scenario, *layers)) {
    model.times.push_back(stage_times(parts.costs, blocks_of(parts, stage, all)));
    Stage ends = stage;
    ends.layers = 0;
    Bytes kept = stage_activations(scenario, ends);
    for (int i = 0; i < stage.layers; ++i) {
      const auto place = parts.before + static_cast<std::size_t>(stage.first_layer + i);
      kept += parts.kept[static_cast<std::size_t>(parts.order[place])];
    }
    model.activations.push_back(kept);
    model.parameters.push_back(stage_parameters(scenario, stage));
    model.learning.push_back(learning_stage_parameters(scenario, stage));
  }
  return model;
}

Bytes peak_memory(const Scenario& scenario, const ScheduleKind& schedule,
                  const std::vector<RankProfile>& profile, const DividedModel& model,
                  const LayerWorkspace& workspace) {
  Bytes peak{0};
  const bool all = language_learns(scenario);
  for (const RankProfile& rank : profile) {
    Bytes activations{0};
    for (const std::vector<int>& held : rank.held) {
      Bytes sum{0};
      for (std::size_t i = 0; i < held.size(); ++i) {
        sum += model.activations[static_cast<std::size_t>(rank.stages[i])] *
               static_cast<double>(held[i]);
      }
      activations = std::max(activations, sum);
    }
    const HeldParameters parameters{
        .all = held_parameters(scenario, model, model.parameters, rank.stages, true),
        .learning = held_parameters(scenario, model, model.learning, rank.stages, all)};
    peak = std::max(peak, total(ledger_bytes(scenario, parameters, schedule.parameter_copies,
                                             activations, workspace)));
  }
  return peak;
}

ProfileShelf::Profile ProfileShelf::of(const ScheduleKind& schedule, const ScheduleShape& shape) {
  constexpr std::size_t kMostKept = 4096;
  const std::tuple key{&schedule, shape.pipeline_ranks, shape.micro_batches, shape.virtual_stages};
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
  }
  auto made = std::make_shared<const std::vector<RankProfile>>(slot_profile(schedule, shape));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostKept) known_.clear();
  known_.emplace(key, made);
  return made;
}

}  // namespace windtunnel
