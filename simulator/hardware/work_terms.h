// The work terms of the tables: what a kernel's time grows with, so that a trend through them is
// right in its large, and extrapolates at the achieved rate. A first term of 1 is the launch.
#pragma once

#include "simulator/hardware/table_rules.h"

namespace windtunnel {

/// axes m, n, k
WorkTerms gemm_terms(const TableShape& shape);
/// axes batch_size, num_heads, num_kv_heads, isl
WorkTerms attention_context_terms(const TableShape& shape);
/// axes batch_size, num_heads, num_kv_heads, kv_len
WorkTerms attention_decode_terms(const TableShape& shape);
/// axes batch_size, num_heads, head_dim, isl
WorkTerms encoder_attention_terms(const TableShape& shape);
/// axes num_heads, batch_size, isl
WorkTerms mla_context_terms(const TableShape& shape);
/// axes num_heads, batch_size, kv_len
WorkTerms mla_decode_terms(const TableShape& shape);
/// axes num_heads, num_tokens
WorkTerms mla_bmm_terms(const TableShape& shape);
/// axes m, k
WorkTerms quantize_terms(const TableShape& shape);
/// axes num_gpus, elements
WorkTerms collective_terms(const TableShape& shape);
/// axes hidden_size, num_topk, num_experts, num_tokens
WorkTerms deepep_low_latency_terms(const TableShape& shape);
/// axes hidden_size, num_topk, num_experts, num_sms, num_tokens
WorkTerms deepep_normal_terms(const TableShape& shape);
/// categories source, dtype, distribution, hidden_size, inter_size, topk, num_experts; axes ep,
/// num_tokens
WorkTerms moe_terms(const TableShape& shape);
/// categories ..., topk, num_experts, distribution; axes ep, num_tokens
WorkTerms moe_deepep_terms(const TableShape& shape);
/// categories ..., topk, num_experts, distribution; axes num_slots, ep, num_tokens
WorkTerms moe_eplb_terms(const TableShape& shape);
/// category num_experts first; axes num_gpus, batch_size_per_gpu: the weights of a GPU's experts,
/// and its rows
WorkTerms grouped_gemm_decode_terms(const TableShape& shape);
/// axis seq_len
WorkTerms prefill_terms(const TableShape& shape);
/// axis kv_len or s_kv, of which attention reads a fixed number
WorkTerms sparse_terms(const TableShape& shape);
/// category s_q; axis s_kv: causal scores of the last s_q positions
WorkTerms prefill_logits_terms(const TableShape& shape);
/// no axis, or one that the time is proportional to
WorkTerms listed_terms(const TableShape& shape);
/// axes num_tokens
WorkTerms mlp_terms(const TableShape& shape);

}  // namespace windtunnel
