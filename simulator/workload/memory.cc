#include "simulator/workload/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "simulator/model/layer_ops.h"
#include "simulator/workload/parallelism/expert.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

double micro_batch_tokens(const Scenario& scenario) {
  return static_cast<double>(scenario.batch.sequence_length) * scenario.batch.micro_batch;
}

Bytes sum(const std::vector<MemoryPart>& parts) {
  return std::accumulate(parts.begin(), parts.end(), Bytes{0},
                         [](Bytes total, const MemoryPart& part) { return total + part.bytes; });
}

void add_attention(std::vector<MemoryPart>& parts, const Mla& mla, double tokens, double kept) {
  const auto latents = static_cast<double>(mla.q_lora_rank + mla.kv_lora_rank + mla.rope_dim);
  const double queries =
      mla.q_lora_rank > 0 ? 0 : static_cast<double>(mla.heads * (mla.nope_dim + mla.rope_dim));
  const auto output = static_cast<double>(mla.heads * mla.value_dim);
  parts.push_back({"latents", {2 * tokens * (latents + queries)}, "q and kv latents, BF16"});
  parts.push_back({"attention output", {kept * tokens * output}, "E5M6 (1.5 B) or BF16"});
  parts.push_back({"log-sum-exp", {4 * tokens * static_cast<double>(mla.heads)}, "FP32 a head"});
}

void add_attention(std::vector<MemoryPart>& parts, const Gqa& gqa, double tokens, double kept) {
  const auto qkv = static_cast<double>((gqa.heads + 2 * gqa.kv_heads) * gqa.head_dim);
  const auto output = static_cast<double>(gqa.heads * gqa.head_dim);
  parts.push_back({"q, k, v", {2 * tokens * qkv}, "BF16"});
  parts.push_back({"attention output", {kept * tokens * output}, "E5M6 (1.5 B) or BF16"});
  parts.push_back({"log-sum-exp", {4 * tokens * static_cast<double>(gqa.heads)}, "FP32 a head"});
}

void add_feed_forward(std::vector<MemoryPart>& parts, const Dense& dense, const Scenario& scenario,
                      double tokens) {
  const double element = element_bytes(scenario.precision);
  parts.push_back({"SwiGLU input",
                   {element * tokens * 2 * static_cast<double>(dense.intermediate)},
                   "gate and up, FP8 (V3 report 3.2.3) or BF16"});
}

void add_feed_forward(std::vector<MemoryPart>& parts, const Moe& moe, const Scenario& scenario,
                      double tokens) {
  const double element = element_bytes(scenario.precision);
  const auto hidden = static_cast<int>(scenario.model.hidden);
  const ExpertTraffic traffic = traffic_of(scenario, moe);
  const Bytes row = scenario.precision == Dtype::kFp8 ? fp8_row(hidden) : bf16_row(hidden);
  const auto intermediate = static_cast<double>(moe.intermediate);
  parts.push_back({"received tokens", row * (tokens * ranks_per_token(traffic)),
                   "one row for each token and rank, as dispatched"});
  parts.push_back({"expert SwiGLU input",
                   {element * tokens * static_cast<double>(moe.top_k) * 2 * intermediate},
                   "routed rows in expectation, gate and up"});
  parts.push_back({"shared SwiGLU input",
                   {element * tokens * 2 * intermediate * static_cast<double>(moe.shared_experts)},
                   "gate and up"});
  parts.push_back(
      {"router scores", {4 * tokens * static_cast<double>(moe.routed_experts)}, "FP32"});
}

/// Activations that one chunk of `stage` holds.
Bytes stage_activations(const Scenario& scenario, const Stage& stage) {
  const Architecture& model = scenario.model;
  const double tokens = micro_batch_tokens(scenario);
  Bytes bytes{0};
  for (int layer = stage.first_layer; layer < stage.first_layer + stage.layers; ++layer) {
    bytes += sum(kept_activations(model, model.layers[static_cast<std::size_t>(layer)], scenario));
  }
  if (stage.heads) {
    for (const Layer& layer : model.mtp) bytes += sum(kept_activations(model, layer, scenario));
    // Main and MTP heads: final norm's input and the logits, whose gradient takes their place.
    const double heads = 1 + static_cast<double>(model.mtp.size());
    bytes +=
        Bytes{heads * tokens *
              (2 * static_cast<double>(model.hidden) + 2 * static_cast<double>(model.vocabulary))};
  }
  return bytes;
}

/// The most activations that the chunks in flight on a rank hold, walking its slots: a chunk holds
/// them from its forward to its weight gradient.
Bytes peak_activations(const std::vector<Slot>& slots, const std::vector<Bytes>& of_stage) {
  const auto held = [&](const Chunk& chunk) {
    return of_stage[static_cast<std::size_t>(chunk.stage)];
  };
  Bytes now{0};
  Bytes peak{0};
  for (const Slot& slot : slots) {
    if (has_forward(slot.kind)) now += held(slot.forward);
    peak = std::max(peak, now);
    if (has_weight(slot.kind)) now = now - held(slot.backward);
  }
  return peak;
}

/// Expanded inputs and SwiGLU tensors of the one layer that runs, forward and backward side by
/// side.
Bytes workspace(const Scenario& scenario) {
  double largest = 0;
  for (const Layer& layer : scenario.model.layers) {
    const auto* moe = std::get_if<Moe>(&layer.feed_forward);
    if (moe == nullptr) continue;
    const double width = static_cast<double>(scenario.model.hidden + 2 * moe->intermediate);
    largest = std::max(largest, static_cast<double>(moe->top_k) * width);
  }
  return {2 * 2 * micro_batch_tokens(scenario) * largest};
}

RankMemory ledger(const Scenario& scenario, const ScheduleKind& schedule, int rank,
                  const std::vector<int>& stages_held, Bytes activations) {
  const StageParameters held = rank_parameters(scenario, stages_held);
  const double copies = schedule.parameter_copies;
  const double data = data_ranks(scenario);
  const double expert_replicas = data / scenario.parallelism.expert * copies;
  const double shard = held.experts / expert_replicas + held.shared / (data * copies);
  const double all = held.experts + held.shared;
  const MemoryPlan& plan = scenario.memory;
  const double linear = element_bytes(scenario.precision);
  RankMemory memory{.rank = rank, .total = {0}, .parts = {}};
  memory.parts = {
      {"weights",
       {(all - held.bf16) * linear + held.bf16 * 2},
       fmt::format("{:.2f} G parameters in {} stage(s), {} B, embedding and head 2 B", all / 1e9,
                   stages_held.size(), linear)},
      {"gradients",
       {all * plan.gradient_bytes},
       fmt::format("{} B for each of them", plan.gradient_bytes)},
      {"optimizer state",
       {shard * (plan.master_bytes + plan.moment_bytes)},
       fmt::format(
           "{:.2f} G parameters of this rank's shard (ZeRO-1: experts over {:.0f} replicas, "
           "others over {:.0f}), {} B",
           shard / 1e9, expert_replicas, data * copies, plan.master_bytes + plan.moment_bytes)},
      {"activations", activations, "chunks in flight at the fullest moment of the schedule"},
      {"workspace", workspace(scenario), "expanded rows of the layer that runs, both directions"},
      {"fragmentation", activations * plan.fragmentation,
       fmt::format("{:.0f} % of the activations", 100 * plan.fragmentation)},
      {"reserved", plan.reserved, "CUDA context, NCCL and libraries"}};
  memory.total = sum(memory.parts);
  return memory;
}

}  // namespace

std::vector<MemoryPart> kept_activations(const Architecture& model, const Layer& layer,
                                         const Scenario& scenario) {
  const double tokens = micro_batch_tokens(scenario);
  const double residual = 2 * tokens * static_cast<double>(model.hidden);
  const double kept = scenario.precision == Dtype::kFp8 ? 1.5 : 2.0;
  std::vector<MemoryPart> parts{{"attention input", {residual}, "residual stream, BF16"},
                                {"feed-forward input", {residual}, "residual stream, BF16"}};
  std::visit([&](const auto& kind) { add_attention(parts, kind, tokens, kept); }, layer.attention);
  std::visit([&](const auto& kind) { add_feed_forward(parts, kind, scenario, tokens); },
             layer.feed_forward);
  return parts;
}

std::vector<RankMemory> memory(const Scenario& scenario, const ScheduleKind& schedule,
                               int micro_batches) {
  const ScheduleShape shape = schedule_shape(scenario, schedule, micro_batches);
  const std::vector<Stage> all = stages(scenario);
  std::vector<Bytes> activations;
  for (const Stage& stage : all) activations.push_back(stage_activations(scenario, stage));
  const std::vector<RankSlots> slots = schedule.slots(shape);
  std::vector<RankMemory> ranks;
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    ranks.push_back(ledger(scenario, schedule, rank, stages_of_rank(schedule, shape, rank),
                           peak_activations(slots[static_cast<std::size_t>(rank)], activations)));
  }
  return ranks;
}

}  // namespace windtunnel
