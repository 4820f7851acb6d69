#include "simulator/model/parameters.h"

namespace windtunnel {
namespace {

struct PartParameters {
  std::int64_t matrices;
  std::int64_t vectors;  // norms and biases
};

/// Queries from their latent, a key and the heads' weights from the hidden state, and the key's
/// norm.
PartParameters indexer_parameters(const Mla& mla, std::int64_t hidden) {
  if (!mla.indexer) return {.matrices = 0, .vectors = 0};
  const Indexer& it = *mla.indexer;
  const std::int64_t from = mla.q_lora_rank > 0 ? mla.q_lora_rank : hidden;
  return {.matrices = from * it.heads * it.head_dim + hidden * (it.head_dim + it.heads),
          .vectors = 2 * it.head_dim};
}

PartParameters attention_parameters(const Mla& mla, std::int64_t hidden) {
  const std::int64_t query = mla.heads * (mla.nope_dim + mla.rope_dim);
  const std::int64_t queries =
      mla.q_lora_rank > 0 ? mla.q_lora_rank * (hidden + query) : hidden * query;
  const std::int64_t keys_values = hidden * (mla.kv_lora_rank + mla.rope_dim) +
                                   mla.kv_lora_rank * mla.heads * (mla.nope_dim + mla.value_dim);
  const PartParameters indexer = indexer_parameters(mla, hidden);
  return {.matrices = queries + keys_values + mla.heads * mla.value_dim * hidden + indexer.matrices,
          .vectors = mla.q_lora_rank + mla.kv_lora_rank + indexer.vectors};
}

PartParameters attention_parameters(const Gqa& gqa, std::int64_t hidden) {
  const std::int64_t query = gqa.heads * gqa.head_dim;
  const std::int64_t keys_values = 2 * gqa.kv_heads * gqa.head_dim;
  return {.matrices = hidden * (2 * query + keys_values),
          .vectors = (gqa.qkv_bias ? query + keys_values : 0) + (gqa.output_bias ? hidden : 0)};
}

/// FLOPs of one token's scores and output in one layer, per key it meets.
double core_flops_per_key(const Mla& mla) {
  return 2.0 * static_cast<double>(mla.heads * (mla.nope_dim + mla.rope_dim + mla.value_dim));
}

double core_flops_per_key(const Gqa& gqa) {
  return 2.0 * static_cast<double>(gqa.heads * 2 * gqa.head_dim);
}

std::int64_t cached_elements(const Mla& mla) {
  const std::int64_t key = mla.indexer ? mla.indexer->head_dim : 0;
  return mla.kv_lora_rank + mla.rope_dim + key;
}
std::int64_t cached_elements(const Gqa& gqa) { return 2 * gqa.kv_heads * gqa.head_dim; }

/// Fills the feed-forward parts and what of them a token visits.
void add_feed_forward(const Dense& dense, std::int64_t hidden, BlockParameters& block) {
  const std::int64_t products = dense.activation == Activation::kSwiglu ? 3 : 2;
  const std::int64_t matrices = products * hidden * dense.intermediate;
  block.dense = matrices + (dense.bias ? (products - 1) * dense.intermediate + hidden : 0);
  block.matrices += matrices;
}

void add_feed_forward(const Moe& moe, std::int64_t hidden, BlockParameters& block) {
  const std::int64_t expert = 3 * hidden * moe.intermediate;
  block.router = moe.routed_experts * (hidden + (moe.correction_bias ? 1 : 0));
  block.routed_experts = moe.routed_experts * expert;
  block.shared_experts = moe.shared_experts * expert;
  block.matrices += moe.routed_experts * hidden + (moe.top_k + moe.shared_experts) * expert;
}

/// A weight, and LayerNorm's bias.
std::int64_t norm_parameters(const Architecture& model) {
  return model.norm == Norm::kLayer ? 2 * model.hidden : model.hidden;
}

/// A weight and a bias.
std::int64_t linear_parameters(std::int64_t from, std::int64_t to) { return (from + 1) * to; }

constexpr std::int64_t kColours = 3;

}  // namespace

std::int64_t patches(const Vision& vision) {
  const std::int64_t side = vision.tile / vision.patch;
  return side * side;
}

std::int64_t tokens_per_tile(const Vision& vision) {
  const std::int64_t side = (vision.tile / vision.patch + vision.shuffle - 1) / vision.shuffle;
  return side * side;
}

std::int64_t vision_layer_parameters(const Vision& vision) {
  const std::int64_t w = vision.width;
  const std::int64_t norm = 2 * w;
  return 4 * linear_parameters(w, w) + linear_parameters(w, vision.intermediate) +
         linear_parameters(vision.intermediate, w) + 2 * norm;
}

std::int64_t patch_parameters(const Vision& vision) {
  return linear_parameters(kColours * vision.patch * vision.patch, vision.width) +
         patches(vision) * vision.width;
}

std::int64_t adaptor_parameters(const Vision& vision, std::int64_t hidden) {
  const std::int64_t norm = 2 * vision.width;  // after the encoder's last layer; no pooling
  return norm + linear_parameters(vision.shuffle * vision.shuffle * vision.width, hidden) +
         linear_parameters(hidden, hidden) + 2 * hidden;
}

std::int64_t expert_parameters(const Architecture& model, const Moe& moe) {
  return 3 * model.hidden * moe.intermediate;
}

BlockParameters block_parameters(const Architecture& model, const Layer& layer) {
  BlockParameters block{};
  const PartParameters attention = std::visit(
      [&](const auto& a) { return attention_parameters(a, model.hidden); }, layer.attention);
  block.attention = attention.matrices + attention.vectors;
  block.norms = 2 * norm_parameters(model);
  block.matrices = attention.matrices;
  std::visit([&](const auto& f) { add_feed_forward(f, model.hidden, block); }, layer.feed_forward);
  block.total = block.attention + block.norms + block.router + block.routed_experts +
                block.shared_experts + block.dense;
  block.active = block.total - block.routed_experts;
  if (const Moe* moe = std::get_if<Moe>(&layer.feed_forward)) {
    block.active += moe->top_k * expert_parameters(model, *moe);
  }
  return block;
}

ParameterCount parameters(const Architecture& model) {
  ParameterCount count{};
  count.embedding = model.vocabulary * model.hidden;
  count.positions = model.learned_positions * model.hidden;
  count.head = model.tied_embeddings ? 0 : count.embedding;
  count.final_norm = norm_parameters(model);
  std::int64_t active = 0;
  for (const Layer& layer : model.layers) {
    const BlockParameters block = block_parameters(model, layer);
    count.layers += block.total;
    active += block.active;
  }
  const std::int64_t outside = count.embedding + count.positions + count.head + count.final_norm;
  count.total = count.layers + outside;
  count.active = active + outside;
  // A tied embedding is the head, so it multiplies.
  count.active_without_embedding =
      count.active - count.positions - (model.tied_embeddings ? 0 : count.embedding);
  for (const Layer& layer : model.mtp) {
    // The projection of two hidden states to one, the norms of both, and the norm before the head.
    count.mtp +=
        block_parameters(model, layer).total + 2 * model.hidden * model.hidden + 3 * model.hidden;
  }
  if (model.vision) {
    count.vision = patch_parameters(*model.vision) +
                   model.vision->layers * vision_layer_parameters(*model.vision) +
                   adaptor_parameters(*model.vision, model.hidden);
  }
  count.checkpoint = count.total + count.mtp + count.vision +
                     static_cast<std::int64_t>(model.mtp.size()) * (count.embedding + count.head);
  return count;
}

TokenFlops training_flops_per_token(const Architecture& model, std::int64_t sequence_length) {
  double products = 2.0 * static_cast<double>(model.vocabulary * model.hidden);
  double per_key = 0;
  for (const Layer& layer : model.layers) {
    products += 2.0 * static_cast<double>(block_parameters(model, layer).matrices);
    per_key += std::visit([](const auto& a) { return core_flops_per_key(a); }, layer.attention);
  }
  const auto keys = static_cast<double>(sequence_length);
  constexpr double kForwardAndBackward = 3;
  return {.causal = Flops{kForwardAndBackward * (products + per_key * keys / 2)},
          .full = Flops{kForwardAndBackward * (products + per_key * keys)}};
}

Bytes kv_bytes_per_token(const Architecture& model, double bytes_per_element) {
  std::int64_t elements = 0;
  for (const Layer& layer : model.layers) {
    elements += std::visit([](const auto& a) { return cached_elements(a); }, layer.attention);
  }
  return Bytes{static_cast<double>(elements) * bytes_per_element};
}

}  // namespace windtunnel
