#include "simulator/hardware/work_terms.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace windtunnel {
namespace {

double category_number(const TableShape& shape, std::size_t category) {
  return std::strtod(shape.categories[category].c_str(), nullptr);
}

/// Share of the experts that `tokens` tokens wake, each at random: their weights are read.
double active_share(double topk, double experts, double tokens) {
  return 1 - std::pow(1 - topk / experts, tokens);
}

}  // namespace

WorkTerms gemm_terms(const TableShape& shape) {
  const double m = shape.axes[0], n = shape.axes[1], k = shape.axes[2];
  return {1, m * n * k, n * k, m * (n + k)};
}

WorkTerms attention_context_terms(const TableShape& shape) {
  const double batch = shape.axes[0], heads = shape.axes[1];
  const double kv_heads = shape.axes[2], length = shape.axes[3];
  return {1, batch * heads * length * length, batch * heads * length, batch * kv_heads * length};
}

WorkTerms attention_decode_terms(const TableShape& shape) {
  const double batch = shape.axes[0], heads = shape.axes[1];
  const double kv_heads = shape.axes[2], length = shape.axes[3];
  return {1, batch * kv_heads * length, batch * heads * length, batch * heads};
}

WorkTerms encoder_attention_terms(const TableShape& shape) {
  const double batch = shape.axes[0], heads = shape.axes[1];
  const double width = shape.axes[2], length = shape.axes[3];
  return {1, batch * heads * length * length * width, batch * heads * length * width};
}

WorkTerms mla_context_terms(const TableShape& shape) {
  const double heads = shape.axes[0], batch = shape.axes[1], length = shape.axes[2];
  return {1, batch * heads * length * length, batch * heads * length};
}

WorkTerms mla_decode_terms(const TableShape& shape) {
  const double heads = shape.axes[0], batch = shape.axes[1], length = shape.axes[2];
  return {1, batch * length, batch * heads * length, batch * heads};
}

WorkTerms mla_bmm_terms(const TableShape& shape) {
  return {1, shape.axes[0], shape.axes[0] * shape.axes[1]};
}

WorkTerms quantize_terms(const TableShape& shape) { return {1, shape.axes[0] * shape.axes[1]}; }

WorkTerms collective_terms(const TableShape& shape) { return {1, shape.axes[0], shape.axes[1]}; }

WorkTerms deepep_low_latency_terms(const TableShape& shape) {
  const double values = shape.axes[0] * shape.axes[3];
  return {1, values, values * shape.axes[1]};
}

WorkTerms deepep_normal_terms(const TableShape& shape) {
  const double values = shape.axes[0] * shape.axes[4];
  return {1, values, values * shape.axes[1], values / shape.axes[3]};
}

WorkTerms moe_terms(const TableShape& shape) {
  const double hidden = category_number(shape, 3), inner = category_number(shape, 4);
  const double topk = category_number(shape, 5), experts = category_number(shape, 6);
  const double ranks = shape.axes[0];
  // trtllm rows count the tokens of the whole group, sglang rows those of a rank.
  const double tokens = shape.axes[1] * (shape.categories[0] == "sglang" ? ranks : 1);
  const double weights = hidden * inner;
  return {1,
          weights * experts / ranks * active_share(topk, experts, tokens),
          weights * tokens * topk / ranks,
          hidden * tokens / ranks,
          hidden * tokens,
          weights * tokens / std::sqrt(ranks)};  // between balanced and all on one rank
}

WorkTerms moe_deepep_terms(const TableShape& shape) {
  const double topk = category_number(shape, 4), experts = category_number(shape, 5);
  const double ranks = shape.axes[0], tokens = shape.axes[1];
  return {1, active_share(topk, experts, tokens) / ranks, tokens / ranks, tokens,
          tokens / std::sqrt(ranks)};
}

WorkTerms moe_eplb_terms(const TableShape& shape) {
  const double topk = category_number(shape, 3), experts = category_number(shape, 4);
  const double slots = shape.axes[0], ranks = shape.axes[1], tokens = shape.axes[2];
  return {1, active_share(topk, experts, tokens) * slots / ranks, tokens / ranks, tokens,
          tokens / std::sqrt(ranks)};
}

WorkTerms grouped_gemm_decode_terms(const TableShape& shape) {
  return {1, category_number(shape, 0) / shape.axes[0], shape.axes[1]};
}

WorkTerms prefill_terms(const TableShape& shape) {
  return {1, shape.axes[0] * shape.axes[0], shape.axes[0]};
}

WorkTerms sparse_terms(const TableShape& shape) { return {1, shape.axes[0]}; }

WorkTerms prefill_logits_terms(const TableShape& shape) {
  const double queries = category_number(shape, 0), keys = shape.axes[0];
  return {1, queries * std::max(keys - queries / 2, keys / 2)};
}

WorkTerms listed_terms(const TableShape& shape) { return {shape.axes.empty() ? 1 : shape.axes[0]}; }

WorkTerms mlp_terms(const TableShape& shape) { return {1, shape.axes[0]}; }

}  // namespace windtunnel
