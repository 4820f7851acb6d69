#include "simulator/model/attention_ops.h"

#include <algorithm>

namespace windtunnel {
namespace {

/// Widths of the projections of one MLA layer on one tensor-parallel GPU, which has its share of
/// the heads and all of the latents.
struct MlaWidths {
  std::int64_t heads;
  std::int64_t query;   // of its heads
  std::int64_t latent;  // kv latent and the shared rotated key
  std::int64_t kv;      // keys without rotation, and values, of its heads
  std::int64_t output;  // of its heads
};

MlaWidths widths(const Mla& mla, const KernelList& list) {
  const std::int64_t heads = list.share(mla.heads);
  return {.heads = heads,
          .query = heads * (mla.nope_dim + mla.rope_dim),
          .latent = mla.kv_lora_rank + mla.rope_dim,
          .kv = heads * (mla.nope_dim + mla.value_dim),
          .output = heads * mla.value_dim};
}

/// Heads times sequences whose scores one GPU computes, of whole documents; context-parallel GPUs
/// share them as if they shared the heads.
std::int64_t score_groups(std::int64_t heads, const KernelList& list) {
  const LayerShape& shape = list.shape();
  const std::int64_t parts = shape.document_length * shape.context_parallel;
  return std::max<std::int64_t>(1, (heads * shape.tokens + parts / 2) / parts);
}

void core(Operation operation, std::int64_t heads, std::int64_t qk, std::int64_t v,
          KernelList& list) {
  const LayerShape& shape = list.shape();
  list.add({operation, Dtype::kBf16, shape.document_length, v, qk, score_groups(heads, list)}, 1,
           false);
}

/// The projection from the hidden state to the queries or their latent. Latents are computed whole
/// on each GPU's own rows, queries of its heads on all rows.
void query_linear(const Mla& mla, std::int64_t hidden, KernelList& list) {
  const bool latent = mla.q_lora_rank > 0;
  list.linear(latent ? list.own() : list.rows(), latent ? mla.q_lora_rank : widths(mla, list).query,
              hidden, LinearInput::kBf16);
}

/// Norms of the latents; runs again in the backward pass.
void latent_norms(const Mla& mla, KernelList& list) {
  const std::int64_t own = list.own();
  if (mla.q_lora_rank > 0) list.on_rows(Operation::kRmsNorm, own, mla.q_lora_rank);
  list.on_rows(Operation::kCopy, own, mla.kv_lora_rank);
  list.on_rows(Operation::kRmsNorm, own, mla.kv_lora_rank);
}

/// From latents to the queries, keys and values of all heads; runs again in the backward pass.
/// Context-parallel GPUs exchange latents, a fraction of the keys and values, and each projects
/// those of all tokens.
void up_projections(const Mla& mla, KernelList& list) {
  const std::int64_t rows = list.rows();
  const std::int64_t all = list.shape().tokens;
  const MlaWidths w = widths(mla, list);
  if (mla.q_lora_rank > 0) list.linear(rows, w.query, mla.q_lora_rank, LinearInput::kBf16);
  list.linear(all, w.kv, mla.kv_lora_rank, LinearInput::kBf16);
  list.on_rows(Operation::kRope, rows, mla.rope_dim);
  list.on_rows(Operation::kCopy, all, w.heads * mla.nope_dim);
  list.on_rows(Operation::kCopy, rows, w.heads * mla.rope_dim);
  list.on_rows(Operation::kRope, rows, w.heads * mla.rope_dim);
}

/// Output projection and what is kept of its input.
void output_forward(std::int64_t output, std::int64_t hidden, KernelList& list) {
  if (list.fp8()) list.on_rows(Operation::kCastE5m6, list.rows(), output);
  list.linear(list.rows(), hidden, output, LinearInput::kBf16);
  list.residual(hidden);
}

void output_backward(std::int64_t output, std::int64_t hidden, KernelList& list) {
  list.residual_backward(hidden);
  if (list.fp8()) {
    list.add({Operation::kCastBackE5m6, Dtype::kFp8, list.rows(), output, 0, 1}, 1, false);
  }
  list.linear_backward(list.rows(), hidden, output);
}

void core_backward(std::int64_t heads, std::int64_t qk, std::int64_t v, KernelList& list) {
  core(Operation::kAttentionBackwardPre, heads, qk, v, list);
  core(Operation::kAttentionBackward, heads, qk, v, list);
  core(Operation::kAttentionBackwardPost, heads, qk, v, list);
}

/// Gradients of the up-projections: from dq, dk, dv to those of the latents.
void up_projections_backward(const Mla& mla, KernelList& list) {
  const std::int64_t rows = list.rows();
  const std::int64_t all = list.shape().tokens;
  const MlaWidths w = widths(mla, list);
  list.on_rows(Operation::kRope, rows, w.heads * mla.rope_dim);
  if (mla.q_lora_rank > 0) list.linear_backward(rows, w.query, mla.q_lora_rank);
  list.add({Operation::kHeadSum, Dtype::kBf16, rows, w.heads * mla.rope_dim, 0, w.heads}, 1, false);
  list.on_rows(Operation::kRope, rows, mla.rope_dim);
  list.on_rows(Operation::kCopy, all, w.heads * mla.nope_dim);
  list.on_rows(Operation::kCopy, all, w.heads * mla.value_dim);
  list.linear_backward(all, w.kv, mla.kv_lora_rank);
}

/// Heads of one tensor-parallel GPU: more GPUs than key heads hold copies of them.
struct GqaWidths {
  std::int64_t heads;
  std::int64_t query;
  std::int64_t key;  // of keys, and of values
};

GqaWidths widths(const Gqa& gqa, const KernelList& list) {
  const std::int64_t heads = list.share(gqa.heads);
  return {.heads = heads,
          .query = heads * gqa.head_dim,
          .key = list.share(gqa.kv_heads) * gqa.head_dim};
}

void scores_pass(Operation operation, std::int64_t groups, KernelList& list) {
  const std::int64_t length = list.shape().document_length;
  list.on_rows(operation, groups * length, length);
}

/// A batched product over `groups` heads.
void batched(std::int64_t n, std::int64_t k, std::int64_t groups, KernelList& list) {
  list.add({Operation::kBatchedGemm, Dtype::kBf16, list.shape().document_length, n, k, groups}, 1,
           false);
}

/// All scores are computed and written, masked or not; the output is copied to rows of all heads.
void unfused_core(const Gqa& gqa, const GqaWidths& w, KernelList& list) {
  const std::int64_t groups = score_groups(w.heads, list);
  const std::int64_t length = list.shape().document_length;
  batched(length, gqa.head_dim, groups, list);
  scores_pass(Operation::kSoftmax, groups, list);
  if (list.dropout()) scores_pass(Operation::kDropout, groups, list);
  batched(gqa.head_dim, length, groups, list);
  list.on_rows(Operation::kCopy, list.rows(), w.query);
}

/// dv and the gradient of the probabilities; that of the scores; dq and dk. Gradients of queries,
/// keys and values are copied side by side.
void unfused_core_backward(const Gqa& gqa, const GqaWidths& w, KernelList& list) {
  const std::int64_t groups = score_groups(w.heads, list);
  const std::int64_t length = list.shape().document_length;
  list.on_rows(Operation::kCopy, list.rows(), w.query);
  batched(gqa.head_dim, length, groups, list);
  batched(length, gqa.head_dim, groups, list);
  if (list.dropout()) scores_pass(Operation::kDropoutBackward, groups, list);
  scores_pass(Operation::kSoftmaxBackward, groups, list);
  batched(gqa.head_dim, length, groups, list);
  batched(gqa.head_dim, length, groups, list);
  list.on_rows(Operation::kCopy, list.rows(), w.query + 2 * w.key);
}

void gqa_core(const Gqa& gqa, const GqaWidths& w, KernelList& list) {
  if (list.unfused()) {
    unfused_core(gqa, w, list);
  } else {
    core(Operation::kAttentionForward, w.heads, gqa.head_dim, gqa.head_dim, list);
  }
}

void gqa_core_backward(const Gqa& gqa, const GqaWidths& w, KernelList& list) {
  if (list.unfused()) {
    unfused_core_backward(gqa, w, list);
  } else {
    core_backward(w.heads, gqa.head_dim, gqa.head_dim, list);
  }
}

void rotate(const Gqa& gqa, const GqaWidths& w, KernelList& list) {
  if (!gqa.rotary) return;
  list.on_rows(Operation::kRope, list.rows(), w.query);
  list.on_rows(Operation::kRope, list.rows(), w.key);
}

}  // namespace

void attention_forward(const Mla& mla, std::int64_t hidden, KernelList& list) {
  const std::int64_t own = list.own();
  const MlaWidths w = widths(mla, list);
  list.on_rows(Operation::kRmsNorm, own, hidden);
  query_linear(mla, hidden, list);
  list.linear(own, w.latent, hidden, LinearInput::kBf16);
  list.small(1, 2);  // positions
  latent_norms(mla, list);
  list.on_rows(Operation::kCopy, own, mla.rope_dim);
  up_projections(mla, list);
  core(Operation::kAttentionForward, w.heads, mla.nope_dim + mla.rope_dim, mla.value_dim, list);
  output_forward(w.output, hidden, list);
}

void attention_backward(const Mla& mla, std::int64_t hidden, KernelList& list) {
  const std::int64_t own = list.own();
  const MlaWidths w = widths(mla, list);
  output_backward(w.output, hidden, list);
  if (list.light()) {
    latent_norms(mla, list);
    up_projections(mla, list);
  }
  core_backward(w.heads, mla.nope_dim + mla.rope_dim, mla.value_dim, list);
  up_projections_backward(mla, list);
  list.norm_backward(own, mla.kv_lora_rank);
  if (mla.q_lora_rank > 0) list.norm_backward(own, mla.q_lora_rank);
  list.small(w.latent, 3);  // the latent's gradient put together: two fills, one addition
  list.on_rows(Operation::kCopy, own, mla.rope_dim);
  list.on_rows(Operation::kCopy, own, mla.kv_lora_rank);
  if (list.light()) list.on_rows(Operation::kRmsNorm, own, hidden);
  list.linear_backward(own, w.latent, hidden);
  if (mla.q_lora_rank > 0) {
    list.linear_backward(own, mla.q_lora_rank, hidden);
  } else {
    list.linear_backward(list.rows(), w.query, hidden);
  }
  list.on_rows(Operation::kAdd, own, hidden);
  list.norm_backward(own, hidden);
}

void attention_weight(const Mla& mla, std::int64_t hidden, KernelList& list) {
  const std::int64_t own = list.own();
  const std::int64_t rows = list.rows();
  const MlaWidths w = widths(mla, list);
  list.weight_gradient(rows, hidden, w.output);
  list.weight_gradient(list.shape().tokens, w.kv, mla.kv_lora_rank);
  if (mla.q_lora_rank > 0) list.weight_gradient(rows, w.query, mla.q_lora_rank);
  list.weight_gradient(own, w.latent, hidden);
  if (mla.q_lora_rank > 0) {
    list.weight_gradient(own, mla.q_lora_rank, hidden);
  } else {
    list.weight_gradient(rows, w.query, hidden);
  }
}

void attention_forward(const Gqa& gqa, std::int64_t hidden, KernelList& list) {
  const std::int64_t rows = list.rows();
  const GqaWidths w = widths(gqa, list);
  list.norm(list.own(), hidden);
  list.linear(rows, w.query + 2 * w.key, hidden, LinearInput::kBf16);
  if (gqa.qkv_bias) list.on_rows(Operation::kAdd, rows, w.query + 2 * w.key);
  rotate(gqa, w, list);
  gqa_core(gqa, w, list);
  output_forward(w.query, hidden, list);
}

void attention_backward(const Gqa& gqa, std::int64_t hidden, KernelList& list) {
  const std::int64_t rows = list.rows();
  const GqaWidths w = widths(gqa, list);
  output_backward(w.query, hidden, list);
  gqa_core_backward(gqa, w, list);
  rotate(gqa, w, list);
  if (list.light()) list.norm(list.own(), hidden);
  list.linear_backward(rows, w.query + 2 * w.key, hidden);
  list.on_rows(Operation::kAdd, list.own(), hidden);
  list.norm_backward(list.own(), hidden);
}

void attention_weight(const Gqa& gqa, std::int64_t hidden, KernelList& list) {
  const GqaWidths w = widths(gqa, list);
  list.weight_gradient(list.rows(), hidden, w.query);
  list.weight_gradient(list.rows(), w.query + 2 * w.key, hidden);
  if (gqa.output_bias) list.bias_gradient(list.own(), hidden);
  if (gqa.qkv_bias) list.bias_gradient(list.rows(), w.query + 2 * w.key);
}

}  // namespace windtunnel
