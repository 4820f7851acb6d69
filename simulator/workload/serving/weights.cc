#include "simulator/workload/serving/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "simulator/model/parameters.h"

namespace windtunnel {
namespace {

constexpr double kPlainBytes = 2;  // BF16

/// Parameters of a GPU: of linear layers, which are quantised, and others, which aren't.
struct Held {
  double linear = 0;
  double plain = 0;
};

/// How many GPUs share each kind of matrix.
struct Sharing {
  double tensor;
  double dense;
  double expert_tensor;
  double slots;  ///< experts of a layer on one rank, copies included
};

Sharing sharing_of(const ServingUnit& unit, double routed_experts) {
  const bool one_group = groups_of(unit) == 1;
  return {.tensor = static_cast<double>(unit.tensor),
          .dense = one_group ? static_cast<double>(unit.tensor) : 1,
          .expert_tensor = static_cast<double>(unit.gpus) / unit.expert,
          .slots = (routed_experts + unit.redundant_experts) / unit.expert};
}

double number(std::int64_t value) { return static_cast<double>(value); }

/// Every GPU of a group chooses the same tokens: all heads. Their weights stay BF16, as the norm.
Held indexer_of(const Mla& mla, double hidden) {
  const double from = mla.q_lora_rank > 0 ? number(mla.q_lora_rank) : hidden;
  const double width = number(mla.indexer->head_dim);
  const double heads = number(mla.indexer->heads);
  return {.linear = from * heads * width + hidden * width, .plain = hidden * heads + 2 * width};
}

/// The latents are computed by every GPU of a group, their up-projections are divided by heads.
Held attention_of(const Mla& mla, double hidden, double tensor) {
  const double heads = number(mla.heads) / tensor;
  const double query = heads * number(mla.nope_dim + mla.rope_dim);
  const double latents = number(mla.q_lora_rank + mla.kv_lora_rank + mla.rope_dim);
  const double queries = mla.q_lora_rank > 0 ? number(mla.q_lora_rank) * query : hidden * query;
  const double keys = number(mla.kv_lora_rank) * heads * number(mla.nope_dim + mla.value_dim);
  const Held indexer = mla.indexer ? indexer_of(mla, hidden) : Held{};
  return {.linear = hidden * latents + queries + keys + heads * number(mla.value_dim) * hidden +
                    indexer.linear,
          .plain = number(mla.q_lora_rank + mla.kv_lora_rank) + indexer.plain};
}

Held attention_of(const Gqa& gqa, double hidden, double tensor) {
  const double query = number(gqa.heads * gqa.head_dim) / tensor;
  const double keys = std::max(1.0, number(gqa.kv_heads) / tensor) * number(2 * gqa.head_dim);
  return {.linear = hidden * (2 * query + keys), .plain = gqa.qkv_bias ? query + keys : 0};
}

/// W_UK and W_UV once more, as decoding multiplies them.
double absorbed_of(const Mla& mla, double tensor) {
  return number(mla.heads) / tensor * number(mla.kv_lora_rank * (mla.nope_dim + mla.value_dim));
}
double absorbed_of(const Gqa&, double) { return 0; }

struct LayerHeld {
  Held attention;
  Held dense;
  Held shared;
  Held routed;
  double absorbed = 0;

  void add(const LayerHeld& other) {
    for (Held LayerHeld::*part :
         {&LayerHeld::attention, &LayerHeld::dense, &LayerHeld::shared, &LayerHeld::routed}) {
      (this->*part).linear += (other.*part).linear;
      (this->*part).plain += (other.*part).plain;
    }
    absorbed += other.absorbed;
  }
};

LayerHeld layer_held(const Architecture& model, const Layer& layer, const ServingUnit& unit) {
  const double hidden = number(model.hidden);
  const auto* moe = std::get_if<Moe>(&layer.feed_forward);
  const Sharing by = sharing_of(unit, moe == nullptr ? 0 : number(moe->routed_experts));
  LayerHeld held;
  std::visit(
      [&](const auto& attention) {
        held.attention = attention_of(attention, hidden, by.tensor);
        held.absorbed = absorbed_of(attention, by.tensor);
      },
      layer.attention);
  held.attention.plain += 2 * hidden;  // the norms before attention and before the feed-forward
  if (moe == nullptr) {
    held.dense.linear = 3 * hidden * number(std::get<Dense>(layer.feed_forward).intermediate);
    held.dense.linear /= by.dense;
    return held;
  }
  const double expert = number(expert_parameters(model, *moe));
  held.routed = {.linear = by.slots * expert / by.expert_tensor,
                 .plain = number(moe->routed_experts) * (hidden + (moe->correction_bias ? 1 : 0))};
  if (!unit.shared_routed) held.shared.linear = number(moe->shared_experts) * expert / by.dense;
  return held;
}

MemoryPart part_of(const std::string& name, const Held& held, double bytes,
                   const std::string& how) {
  return {name,
          {held.linear * bytes + held.plain * kPlainBytes},
          fmt::format("{:.4g} G parameters of {:.4g} B, {}", held.linear / 1e9, bytes, how)};
}

std::string shared_text(double gpus) {
  return gpus > 1 ? fmt::format("divided over {:g} GPUs", gpus) : "whole on each GPU";
}

/// The blocks of the prediction modules that run, with the projection of two hidden states to one.
LayerHeld draft_held(const ServingScenario& scenario, const ServingUnit& unit) {
  const Architecture& model = scenario.model;
  LayerHeld held;
  for (int i = 0; i < scenario.mtp.depth; ++i) {
    held.add(layer_held(model, model.mtp.at(static_cast<std::size_t>(i)), unit));
    held.dense.linear += 2 * number(model.hidden) * number(model.hidden);
    held.dense.plain += 3 * number(model.hidden);
  }
  return held;
}

void add_outside(const ServingScenario& scenario, const ServingUnit& unit,
                 std::vector<MemoryPart>& parts) {
  const Architecture& model = scenario.model;
  const ParameterCount count = parameters(model);
  const double tables = number(count.embedding + count.head) / unit.tensor;
  parts.push_back(
      {"embedding and head",
       {kPlainBytes * (tables + number(count.final_norm))},
       fmt::format("{} x {} {}, BF16, {}", model.vocabulary, model.hidden,
                   model.tied_embeddings ? "once" : "twice", shared_text(unit.tensor))});
  if (count.vision > 0) {
    parts.push_back(
        {"vision encoder",
         {kPlainBytes * number(count.vision)},
         fmt::format("{:.4g} G parameters with the adaptor, BF16", number(count.vision) / 1e9)});
  }
}

}  // namespace

double weight_bytes(WeightFormat format) {
  constexpr double kBlock = 128 * 128;
  constexpr double kGroup = 128;
  switch (format) {
    case WeightFormat::kFp8:
    case WeightFormat::kInt8:
      return 1 + 4 / kBlock;
    case WeightFormat::kInt4:
      return 0.5 + 2.5 / kGroup;
    case WeightFormat::kBf16:
      break;
  }
  return 2;
}

std::vector<MemoryPart> weight_parts(const ServingScenario& scenario, const ServingUnit& unit) {
  LayerHeld all;
  const Moe* moe = nullptr;
  for (const Layer& layer : scenario.model.layers) {
    all.add(layer_held(scenario.model, layer, unit));
    if (const Moe* found = std::get_if<Moe>(&layer.feed_forward)) moe = found;
  }
  const double bytes = weight_bytes(scenario.weights);
  const Sharing by = sharing_of(unit, moe == nullptr ? 0 : number(moe->routed_experts));
  std::vector<MemoryPart> parts;
  const auto add = [&](const char* name, const Held& held, const std::string& how) {
    if (held.linear > 0) parts.push_back(part_of(name, held, bytes, how));
  };
  add("attention weights", all.attention,
      unit.tensor > 1 ? fmt::format("heads {}, latents whole", shared_text(by.tensor))
                      : "whole on each GPU, norms BF16");
  add("dense feed-forward weights", all.dense, shared_text(by.dense));
  add("routed expert weights", all.routed,
      fmt::format("{:g} experts a layer on each of {} ranks{}, router BF16", by.slots, unit.expert,
                  by.expert_tensor > 1 ? fmt::format(" of {:g} GPUs", by.expert_tensor) : ""));
  add("shared expert weights", all.shared, shared_text(by.dense));
  if (all.absorbed > 0 && scenario.framework != Framework::kTransformers) {
    parts.push_back({"absorbed up-projections",
                     {kPlainBytes * all.absorbed},
                     "W_UK and W_UV once more in BF16, as decoding multiplies them"});
  }
  const LayerHeld draft = draft_held(scenario, unit);
  Held together;
  for (const Held& held : {draft.attention, draft.dense, draft.shared, draft.routed}) {
    together.linear += held.linear;
    together.plain += held.plain;
  }
  add("prediction module weights", together, "embedding and head are the model's own");
  add_outside(scenario, unit, parts);
  return parts;
}

Bytes checkpoint_bytes(const Architecture& model, WeightFormat format) {
  const ParameterCount count = parameters(model);
  double plain = number(count.embedding + count.head + count.final_norm + count.vision) +
                 number(static_cast<std::int64_t>(model.mtp.size())) *
                     number(count.embedding + count.head + 3 * model.hidden);
  for (const auto* layers : {&model.layers, &model.mtp}) {
    for (const Layer& layer : *layers) {
      const BlockParameters block = block_parameters(model, layer);
      plain += number(block.norms + block.router);
    }
  }
  return {plain * kPlainBytes + (number(count.checkpoint) - plain) * weight_bytes(format)};
}

}  // namespace windtunnel
