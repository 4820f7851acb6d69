#include "simulator/workload/stages.h"

#include <algorithm>
#include <cmath>

#include "simulator/model/parameters.h"
#include "simulator/workload/schedules/overlapped_pair.h"

namespace windtunnel {
namespace {

/// Parameters of a layer's attention that every tensor rank holds whole.
std::int64_t undivided(const Mla& mla, std::int64_t hidden) {
  const std::int64_t latents = mla.q_lora_rank + mla.kv_lora_rank;  // a norm's weight each
  return hidden * (latents + mla.rope_dim) + latents;
}

std::int64_t undivided(const Gqa&, std::int64_t) { return 0; }

/// The encoder's part of a stage.
double vision_parameters(const Architecture& model, const Stage& stage) {
  if (!model.vision) return 0;
  const Vision& vision = *model.vision;
  return static_cast<double>(stage.vision_layers * vision_layer_parameters(vision) +
                             (stage.patches ? patch_parameters(vision) : 0) +
                             (stage.adaptor ? adaptor_parameters(vision, model.hidden) : 0));
}

void add(StageParameters& sum, const StageParameters& part) { sum = sum + part; }

}  // namespace

std::vector<Stage> stages(const Scenario& scenario) {
  const bool whole = !scenario.stages.first_layer.has_value();
  const bool sees = whole && scenario.model.vision.has_value();
  const std::vector<int>& vision = scenario.stages.vision;
  int first = scenario.stages.first_layer.value_or(0);
  std::vector<Stage> all;
  std::size_t last_seeing = 0;
  for (const int layers : scenario.stages.layers) {
    const std::size_t stage = all.size();
    const int encoder = !sees                   ? 0
                        : stage < vision.size() ? vision[stage]
                        : stage == 0            ? static_cast<int>(scenario.model.vision->layers)
                                                : 0;
    if (encoder > 0) last_seeing = stage;
    all.push_back({.first_layer = first,
                   .layers = layers,
                   .embedding = false,
                   .heads = false,
                   .vision_layers = encoder,
                   .patches = sees && stage == 0,
                   .adaptor = false});
    first += layers;
  }
  all[last_seeing].embedding = whole;
  all[last_seeing].adaptor = sees;
  all.back().heads = whole;
  return all;
}

std::int64_t vision_tiles(const Scenario& scenario) {
  const double share = scenario.batch.vision_share.value_or(0);
  if (!scenario.model.vision || share <= 0) return 0;
  const double tokens =
      share * static_cast<double>(scenario.batch.sequence_length) * scenario.batch.micro_batch;
  const auto tile = static_cast<double>(tokens_per_tile(*scenario.model.vision));
  return std::max<std::int64_t>(1, std::llround(tokens / tile));
}

const ScheduleKind& main_schedule(const Scenario& scenario) {
  if (scenario.kind == ScenarioKind::kOverlappedPair) return overlapped_pair();
  return *find_schedule(scenario.schedule.name.value);
}

ScheduleShape schedule_shape(const Scenario& scenario, const ScheduleKind& schedule,
                             int micro_batches) {
  return shape_of(schedule, scenario.parallelism.pipeline, micro_batches,
                  scenario.schedule.virtual_stages.value_or(1));
}

std::vector<int> stages_of_rank(const ScheduleKind& schedule, const ScheduleShape& shape,
                                int rank) {
  std::vector<int> held;
  for (int direction = 0; direction < schedule.directions; ++direction) {
    for (int stage = 0; stage < stage_count(shape); ++stage) {
      if (schedule.rank_of(shape, {direction, 0, stage}) == rank) held.push_back(stage);
    }
  }
  return held;
}

LayerShape layer_shape(const Scenario& scenario) {
  const Degrees& degrees = scenario.parallelism;
  return {.tokens = static_cast<std::int64_t>(scenario.batch.sequence_length) *
                    scenario.batch.micro_batch,
          .document_length = attention_length(scenario.batch),
          .expert_parallel = degrees.expert,
          .expert_tensor_parallel = degrees.expert_tensor,
          .tensor_parallel = degrees.tensor,
          .sequence_parallel = degrees.sequence_parallel,
          .context_parallel = degrees.context,
          .recompute = scenario.memory.recompute,
          .precision = scenario.precision,
          .implementation = scenario.implementation,
          .redundant_experts = scenario.skew.eplb ? scenario.skew.eplb->redundant : 0};
}

ExpertTraffic traffic_of(const Scenario& scenario, const Moe& moe) {
  // GPUs that share an expert receive its rows once and gather them.
  return {.ranks = scenario.parallelism.expert,
          .ranks_per_node =
              std::max(1, scenario.cluster.gpus_per_node / scenario.parallelism.expert_tensor),
          .top_k = static_cast<int>(moe.top_k),
          .node_limit = static_cast<int>(moe.node_limit)};
}

StageParameters layer_parameters(const Scenario& scenario, const Layer& layer) {
  const Degrees& degrees = scenario.parallelism;
  const BlockParameters block = block_parameters(scenario.model, layer);
  const std::int64_t everywhere =
      block.norms + block.router +
      std::visit([&](const auto& kind) { return undivided(kind, scenario.model.hidden); },
                 layer.attention);
  const std::int64_t divided = block.total - block.routed_experts - everywhere;
  const auto* moe = std::get_if<Moe>(&layer.feed_forward);
  const double copies =
      moe != nullptr && scenario.skew.eplb
          ? 1 + scenario.skew.eplb->redundant / static_cast<double>(moe->routed_experts)
          : 1;
  return {.experts = static_cast<double>(block.routed_experts) * copies / degrees.expert /
                     degrees.expert_tensor,
          .shared = static_cast<double>(divided) / degrees.tensor,
          .everywhere = static_cast<double>(everywhere),
          .bf16 = 0};
}

StageParameters vocabulary_parameters(const Scenario& scenario) {
  const double rows =
      static_cast<double>(parameters(scenario.model).embedding) / scenario.parallelism.tensor;
  return {.experts = 0, .shared = rows, .everywhere = 0, .bf16 = rows};
}

StageParameters stage_parameters(const Scenario& scenario, const Stage& stage) {
  const Architecture& model = scenario.model;
  const ParameterCount count = parameters(model);
  StageParameters sum{.experts = 0, .shared = 0, .everywhere = 0, .bf16 = 0};
  for (int layer = stage.first_layer; layer < stage.first_layer + stage.layers; ++layer) {
    add(sum, layer_parameters(scenario, model.layers[static_cast<std::size_t>(layer)]));
  }
  sum.everywhere += vision_parameters(model, stage);
  if (stage.embedding) sum.everywhere += static_cast<double>(count.positions);
  if (stage.embedding) sum.bf16 += static_cast<double>(count.embedding);
  if (stage.heads) {
    double mtp_blocks = 0;
    for (const Layer& layer : model.mtp) {
      add(sum, layer_parameters(scenario, layer));
      mtp_blocks += static_cast<double>(block_parameters(model, layer).total);
    }
    sum.everywhere += static_cast<double>(count.final_norm + count.mtp) - mtp_blocks;
    sum.bf16 += static_cast<double>(count.head > 0 ? count.head : count.embedding);
  }
  sum.bf16 /= scenario.parallelism.tensor;
  sum.shared += sum.bf16;
  return sum;
}

void settle_vocabulary(const Scenario& scenario, bool embedding, bool heads, StageParameters& sum) {
  if (!heads) return;
  const ParameterCount count = parameters(scenario.model);
  const bool head_is_embedding = count.head == 0;
  const double copy = static_cast<double>(count.embedding) / scenario.parallelism.tensor;
  if (!embedding && !head_is_embedding && !scenario.model.mtp.empty()) {
    sum.shared += copy;
    sum.bf16 += copy;
  } else if (embedding && head_is_embedding) {
    sum.shared -= copy;
    sum.bf16 -= copy;
  }
}

StageParameters rank_parameters(const Scenario& scenario, const std::vector<int>& held) {
  const std::vector<Stage> all = stages(scenario);
  StageParameters sum{.experts = 0, .shared = 0, .everywhere = 0, .bf16 = 0};
  bool embedding = false;
  bool heads = false;
  for (const int index : held) {
    const Stage& stage = all[static_cast<std::size_t>(index)];
    add(sum, stage_parameters(scenario, stage));
    embedding = embedding || stage.embedding;
    heads = heads || stage.heads;
  }
  settle_vocabulary(scenario, embedding, heads, sum);
  return sum;
}

StageParameters learning_stage_parameters(const Scenario& scenario, const Stage& stage) {
  if (language_learns(scenario)) return stage_parameters(scenario, stage);
  return {
      .experts = 0, .shared = 0, .everywhere = vision_parameters(scenario.model, stage), .bf16 = 0};
}

StageParameters learning_parameters(const Scenario& scenario, const std::vector<int>& held) {
  if (language_learns(scenario)) return rank_parameters(scenario, held);
  const std::vector<Stage> all = stages(scenario);
  StageParameters sum{.experts = 0, .shared = 0, .everywhere = 0, .bf16 = 0};
  for (const int stage : held) {
    add(sum, learning_stage_parameters(scenario, all[static_cast<std::size_t>(stage)]));
  }
  return sum;
}

}  // namespace windtunnel
