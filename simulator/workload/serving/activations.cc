#include "simulator/workload/serving/activations.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "simulator/model/parameters.h"

namespace windtunnel {
namespace {

constexpr double kElement = 2;    // BF16
constexpr double kLogit = 2 + 4;  // BF16, and the FP32 copy that is sampled from

double number(std::int64_t value) { return static_cast<double>(value); }

/// Queries, latents, the output, and the keys and values of the longest prompt, which are expanded
/// from its latents. Sparse attention stays on the latents and keeps the indexer's scores, in FP32.
double attention_width(const Mla& mla, double rows, double context, int tensor) {
  const double heads = number(mla.heads) / tensor;
  const double query = number(mla.nope_dim + mla.rope_dim);
  const double latents = number(mla.q_lora_rank + mla.kv_lora_rank + mla.rope_dim);
  const double own = rows * (latents + heads * (query + number(mla.value_dim)));
  if (mla.indexer) {
    return own + rows * (heads * number(2 * mla.kv_lora_rank + mla.rope_dim) + 2 * context);
  }
  return own + context * heads * (query + number(mla.value_dim));
}

double attention_width(const Gqa& gqa, double rows, double, int tensor) {
  const double heads = number(gqa.heads) / tensor;
  const double keys = std::max(1.0, number(gqa.kv_heads) / tensor);
  return rows * number(gqa.head_dim) * (2 * heads + 2 * keys);
}

double heads_of(const Layer& layer) {
  return std::visit([](const auto& a) { return number(a.heads); }, layer.attention);
}

/// Gate, up and their product.
double feed_forward_width(const Dense& dense, const Architecture&, const ServingUnit& unit,
                          double rows) {
  // One group: all rows, a part of each matrix. Several: whole matrices, a part of the rows.
  return rows / unit.tensor * 3 * number(dense.intermediate);
}

/// The rows that arrive for the experts of a GPU: expanded input, gate, up, product and output.
double feed_forward_width(const Moe& moe, const Architecture& model, const ServingUnit& unit,
                          double rows) {
  const double routed = number(moe.top_k + (unit.shared_routed ? moe.shared_experts : 0));
  const double received = rows * groups_of(unit) * routed / unit.expert;
  const double parts = static_cast<double>(unit.gpus) / unit.expert;
  return received * (2 * number(model.hidden) + 3 * number(moe.intermediate) / parts);
}

struct Widest {
  double elements = 0;
  double heads = 0;
};

Widest widest_layer(const ServingScenario& scenario, const ServingUnit& unit, const GroupWork& work,
                    double rows) {
  Widest widest;
  const double context = work.prompt_tokens > 0 ? work.context : 0;
  for (const Layer& layer : scenario.model.layers) {
    const double attention =
        std::visit([&](const auto& a) { return attention_width(a, rows, context, unit.tensor); },
                   layer.attention);
    const double feed_forward =
        std::visit([&](const auto& f) { return feed_forward_width(f, scenario.model, unit, rows); },
                   layer.feed_forward);
    widest.elements = std::max({widest.elements, attention, feed_forward});
    widest.heads = std::max(widest.heads, heads_of(layer));
  }
  return widest;
}

/// An encoder layer (input, q, k, v, output, the MLP) over the tiles, and what all tiles become.
double vision_bytes(const Vision& vision, const Architecture& model, double tiles) {
  const double layer = number(patches(vision)) * number(6 * vision.width + vision.intermediate);
  const double shuffled = number(vision.shuffle * vision.shuffle * vision.width);
  const double tokens = number(tokens_per_tile(vision)) * (shuffled + 2 * number(model.hidden));
  return kElement * tiles * (layer + tokens);
}

}  // namespace

std::vector<MemoryPart> activation_parts(const ServingScenario& scenario, const ServingUnit& unit,
                                         const GroupWork& work, double score_bytes) {
  const Architecture& model = scenario.model;
  const double rows = work.prompt_tokens + work.decode_rows;
  const Widest widest = widest_layer(scenario, unit, work, rows);
  std::vector<MemoryPart> parts;
  parts.push_back(
      {"residual stream",
       {kElement * 2 * rows * number(model.hidden)},
       fmt::format("{:.0f} rows of {}, before and after a norm, BF16", rows, model.hidden)});
  parts.push_back({"layer activations",
                   {kElement * widest.elements},
                   "the widest half of a layer that runs, BF16"});
  if (scenario.memory.scores == PromptScores::kEager && work.prompt_tokens > 0) {
    const double chunk = std::min(work.prompt_tokens, work.context);
    parts.push_back({"eager scores",
                     {score_bytes * widest.heads / unit.tensor * chunk * work.context},
                     fmt::format("{:g} heads x {:.0f} x {:.0f} scores of {:g} B",
                                 widest.heads / unit.tensor, chunk, work.context, score_bytes)});
  }
  const double prompts = scenario.memory.logits == LogitRows::kAll
                             ? work.prompt_tokens
                             : work.prompt_tokens / std::max(1.0, work.context);
  const double positions = work.decode_rows + prompts;
  parts.push_back(
      {"logits",
       {kLogit * positions * number(model.vocabulary)},
       fmt::format("{:.0f} positions of {}, BF16 and FP32", positions, model.vocabulary)});
  if (scenario.memory.image_tiles > 0) {
    parts.push_back({"vision activations",
                     {vision_bytes(*model.vision, model, scenario.memory.image_tiles)},
                     fmt::format("{} tiles at once: one encoder layer, and the adaptor",
                                 scenario.memory.image_tiles)});
  }
  return parts;
}

}  // namespace windtunnel
