#include "simulator/model/attention_ops.h"

namespace windtunnel {
namespace {

/// Widths of the projections of one MLA layer.
struct MlaWidths {
  std::int64_t query;   // of all heads
  std::int64_t latent;  // kv latent and the shared rotated key
  std::int64_t kv;      // keys without rotation, and values, of all heads
  std::int64_t output;  // of all heads
};

MlaWidths widths(const Mla& mla) {
  return {.query = mla.heads * (mla.nope_dim + mla.rope_dim),
          .latent = mla.kv_lora_rank + mla.rope_dim,
          .kv = mla.heads * (mla.nope_dim + mla.value_dim),
          .output = mla.heads * mla.value_dim};
}

void core(Operation operation, std::int64_t heads, std::int64_t qk, std::int64_t v,
          KernelList& list) {
  const LayerShape& shape = list.shape();
  const std::int64_t sequences = shape.tokens / shape.sequence_length;
  list.add({operation, Dtype::kBf16, shape.sequence_length, v, qk, heads * sequences}, 1, false);
}

/// Norms of the latents; runs again in the backward pass.
void latent_norms(const Mla& mla, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  if (mla.q_lora_rank > 0) list.on_rows(Operation::kRmsNorm, tokens, mla.q_lora_rank);
  list.on_rows(Operation::kCopy, tokens, mla.kv_lora_rank);
  list.on_rows(Operation::kRmsNorm, tokens, mla.kv_lora_rank);
}

/// From latents to the queries, keys and values of all heads; runs again in the backward pass.
void up_projections(const Mla& mla, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  const MlaWidths w = widths(mla);
  if (mla.q_lora_rank > 0) list.linear(w.query, mla.q_lora_rank, LinearInput::kBf16);
  list.linear(w.kv, mla.kv_lora_rank, LinearInput::kBf16);
  list.on_rows(Operation::kRope, tokens, mla.rope_dim);
  list.on_rows(Operation::kCopy, tokens, mla.heads * mla.nope_dim);
  list.on_rows(Operation::kCopy, tokens, mla.heads * mla.rope_dim);
  list.on_rows(Operation::kRope, tokens, mla.heads * mla.rope_dim);
}

/// Output projection and what is kept of its input.
void output_forward(std::int64_t output, std::int64_t hidden, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  if (list.fp8()) list.on_rows(Operation::kCastE5m6, tokens, output);
  list.linear(hidden, output, LinearInput::kBf16);
  list.on_rows(Operation::kScale, tokens, hidden);
}

void output_backward(std::int64_t output, std::int64_t hidden, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  list.on_rows(Operation::kScale, tokens, hidden);
  if (list.fp8()) {
    list.add({Operation::kCastBackE5m6, Dtype::kFp8, tokens, output, 0, 1}, 1, false);
  }
  list.linear_backward(hidden, output);
}

void core_backward(std::int64_t heads, std::int64_t qk, std::int64_t v, KernelList& list) {
  core(Operation::kAttentionBackwardPre, heads, qk, v, list);
  core(Operation::kAttentionBackward, heads, qk, v, list);
  core(Operation::kAttentionBackwardPost, heads, qk, v, list);
}

/// Gradients of the up-projections: from dq, dk, dv to those of the latents.
void up_projections_backward(const Mla& mla, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  const MlaWidths w = widths(mla);
  list.on_rows(Operation::kRope, tokens, mla.heads * mla.rope_dim);
  if (mla.q_lora_rank > 0) list.linear_backward(w.query, mla.q_lora_rank);
  list.add({Operation::kHeadSum, Dtype::kBf16, tokens, mla.heads * mla.rope_dim, 0, mla.heads}, 1,
           false);
  list.on_rows(Operation::kRope, tokens, mla.rope_dim);
  list.on_rows(Operation::kCopy, tokens, mla.heads * mla.nope_dim);
  list.on_rows(Operation::kCopy, tokens, mla.heads * mla.value_dim);
  list.linear_backward(w.kv, mla.kv_lora_rank);
}

}  // namespace

void attention_forward(const Mla& mla, std::int64_t hidden, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  const MlaWidths w = widths(mla);
  list.on_rows(Operation::kRmsNorm, tokens, hidden);
  list.linear(mla.q_lora_rank > 0 ? mla.q_lora_rank : w.query, hidden, LinearInput::kBf16);
  list.linear(w.latent, hidden, LinearInput::kBf16);
  list.small(1, 2);  // positions
  latent_norms(mla, list);
  list.on_rows(Operation::kCopy, tokens, mla.rope_dim);
  up_projections(mla, list);
  core(Operation::kAttentionForward, mla.heads, mla.nope_dim + mla.rope_dim, mla.value_dim, list);
  output_forward(w.output, hidden, list);
}

void attention_backward(const Mla& mla, std::int64_t hidden, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  const MlaWidths w = widths(mla);
  output_backward(w.output, hidden, list);
  latent_norms(mla, list);
  up_projections(mla, list);
  core_backward(mla.heads, mla.nope_dim + mla.rope_dim, mla.value_dim, list);
  up_projections_backward(mla, list);
  list.norm_backward(mla.kv_lora_rank);
  if (mla.q_lora_rank > 0) list.norm_backward(mla.q_lora_rank);
  list.small(w.latent, 3);  // the latent's gradient put together: two fills, one addition
  list.on_rows(Operation::kCopy, tokens, mla.rope_dim);
  list.on_rows(Operation::kCopy, tokens, mla.kv_lora_rank);
  list.on_rows(Operation::kRmsNorm, tokens, hidden);
  list.linear_backward(w.latent, hidden);
  list.linear_backward(mla.q_lora_rank > 0 ? mla.q_lora_rank : w.query, hidden);
  list.on_rows(Operation::kAdd, tokens, hidden);
  list.norm_backward(hidden);
}

void attention_weight(const Mla& mla, std::int64_t hidden, KernelList& list) {
  const MlaWidths w = widths(mla);
  list.weight_gradient(hidden, w.output);
  list.weight_gradient(w.kv, mla.kv_lora_rank);
  if (mla.q_lora_rank > 0) list.weight_gradient(w.query, mla.q_lora_rank);
  list.weight_gradient(w.latent, hidden);
  list.weight_gradient(mla.q_lora_rank > 0 ? mla.q_lora_rank : w.query, hidden);
}

void attention_forward(const Gqa& gqa, std::int64_t hidden, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  const std::int64_t query = gqa.heads * gqa.head_dim;
  const std::int64_t key = gqa.kv_heads * gqa.head_dim;
  list.on_rows(Operation::kRmsNorm, tokens, hidden);
  list.linear(query + 2 * key, hidden, LinearInput::kBf16);
  if (gqa.qkv_bias) list.on_rows(Operation::kAdd, tokens, query + 2 * key);
  list.on_rows(Operation::kRope, tokens, query);
  list.on_rows(Operation::kRope, tokens, key);
  core(Operation::kAttentionForward, gqa.heads, gqa.head_dim, gqa.head_dim, list);
  output_forward(query, hidden, list);
}

void attention_backward(const Gqa& gqa, std::int64_t hidden, KernelList& list) {
  const std::int64_t tokens = list.shape().tokens;
  const std::int64_t query = gqa.heads * gqa.head_dim;
  const std::int64_t key = gqa.kv_heads * gqa.head_dim;
  output_backward(query, hidden, list);
  core_backward(gqa.heads, gqa.head_dim, gqa.head_dim, list);
  list.on_rows(Operation::kRope, tokens, query);
  list.on_rows(Operation::kRope, tokens, key);
  list.on_rows(Operation::kRmsNorm, tokens, hidden);
  list.linear_backward(query + 2 * key, hidden);
  list.on_rows(Operation::kAdd, tokens, hidden);
  list.norm_backward(hidden);
}

void attention_weight(const Gqa& gqa, std::int64_t hidden, KernelList& list) {
  const std::int64_t query = gqa.heads * gqa.head_dim;
  list.weight_gradient(hidden, query);
  list.weight_gradient(query + 2 * gqa.kv_heads * gqa.head_dim, hidden);
}

}  // namespace windtunnel
