#include "simulator/model/serving_list.h"

#include <algorithm>

namespace windtunnel {
namespace {

constexpr double kElement = 2;  // BF16

/// Gathers the scattered tokens for attention, and afterwards scatters its sums again, or sums them
/// on every GPU.
void gather(ServingList& list) {
  if (list.scattered()) list.collective(CollectiveKind::kAllGather, list.group_rows());
}

void sum_up(ServingList& list) {
  list.collective(list.scattered() ? CollectiveKind::kReduceScatter : CollectiveKind::kAllReduce,
                  list.group_rows());
}

/// Scores of `tokens` rows against the keys of their sequences, and the choice of the best, which
/// reads them as often as a copy moves them: a histogram, then those above its threshold.
void choose_tokens(const Mla& mla, std::int64_t tokens, std::int64_t queries, std::int64_t context,
                   bool decodes, ServingList& list) {
  list.add(IndexerScores{.decodes = decodes,
                         .heads = mla.indexer->heads,
                         .head_dim = mla.indexer->head_dim,
                         .rows = tokens,
                         .queries = queries,
                         .context = context});
  list.add(KernelShape{Operation::kCopy, Dtype::kFp32, tokens, context, 0, 1});
}

/// Sparse attention of `tokens` rows between the absorbed products. Where `context` is 0 only
/// these.
void sparse_attention(const Mla& mla, std::int64_t heads, std::int64_t tokens, std::int64_t queries,
                      std::int64_t context, bool decodes, ServingList& list) {
  list.add(AbsorbedProduct{false, heads, tokens, mla.kv_lora_rank, mla.nope_dim});
  if (context > 0) {
    choose_tokens(mla, tokens, queries, context, decodes, list);
    list.add(SparseAttention{.decodes = decodes,
                             .heads = heads,
                             .rows = tokens,
                             .kept = std::min(mla.indexer->top_k, context),
                             .context = context});
  }
  list.add(AbsorbedProduct{true, heads, tokens, mla.kv_lora_rank, mla.value_dim});
}

/// The indexer's queries, key and weights of heads; every GPU of a group needs the whole choice.
void indexer_projections(const Mla& mla, ServingList& list) {
  if (!mla.indexer) return;
  const std::int64_t hidden = list.model().hidden;
  const std::int64_t rows = list.group_rows();
  const Indexer& it = *mla.indexer;
  list.linear(rows, it.heads * it.head_dim, mla.q_lora_rank > 0 ? mla.q_lora_rank : hidden);
  list.linear(rows, it.head_dim, hidden);
  list.on_rows(Operation::kRmsNorm, rows, it.head_dim);
  list.add(ServingProduct{false, rows, it.heads, hidden});
  list.on_rows(Operation::kRope, rows, (it.heads + 1) * mla.rope_dim);
  list.on_rows(Operation::kCast, rows, (it.heads + 1) * it.head_dim);
}

void prompt_attention(const Mla& mla, std::int64_t heads, ServingList& list) {
  const ServingRows& rows = list.rows();
  if (rows.prompt_tokens == 0) return;
  if (mla.indexer) {
    const std::int64_t context =
        rows.prompts == 0 ? 0 : divided(rows.prompt_tokens, rows.prompts) + rows.cached;
    sparse_attention(mla, heads, rows.prompt_tokens, 1, context, false, list);
    return;
  }
  const std::int64_t expanded = heads * (mla.nope_dim + mla.value_dim);
  list.linear(rows.prompt_tokens, expanded, mla.kv_lora_rank);
  if (rows.prompts == 0) return;
  // What is cached are latents: each chunk expands them again.
  list.linear(rows.prompts * rows.cached, expanded, mla.kv_lora_rank);
  list.add(PromptAttention{.latent = true,
                           .heads = heads,
                           .kv_heads = heads,
                           .head_dim = mla.nope_dim + mla.rope_dim,
                           .prompts = rows.prompts,
                           .tokens = divided(rows.prompt_tokens, rows.prompts),
                           .cached = rows.cached});
}

void cache_attention(const Mla& mla, std::int64_t heads, ServingList& list) {
  const ServingRows& rows = list.rows();
  const std::int64_t count = rows.requests * rows.queries;
  if (count == 0) return;
  if (mla.indexer) {
    sparse_attention(mla, heads, count, rows.queries, std::max<std::int64_t>(1, rows.context), true,
                     list);
    return;
  }
  list.add(AbsorbedProduct{false, heads, count, mla.kv_lora_rank, mla.nope_dim});
  list.add(CacheAttention{.latent = true,
                          .heads = heads,
                          .kv_heads = 1,
                          .head_dim = mla.kv_lora_rank + mla.rope_dim,
                          .requests = rows.requests,
                          .queries = rows.queries,
                          .context = rows.context});
  list.add(AbsorbedProduct{true, heads, count, mla.kv_lora_rank, mla.value_dim});
}

ExpertTransfer transfer_of(const Moe& moe, const ServingList& list, bool combine) {
  const ServingDivision& by = list.division();
  return {.combine = combine,
          .low_latency = list.rows().prompt_tokens == 0,
          .ranks = by.expert,
          .hidden = list.model().hidden,
          .top_k = moe.top_k + (by.shared_routed ? moe.shared_experts : 0),
          .experts = moe.routed_experts,
          .node_limit = moe.node_limit,
          .tokens = static_cast<double>(list.own_rows())};
}

ExpertProducts experts_of(const Moe& moe, const ServingList& list) {
  const ServingDivision& by = list.division();
  const std::int64_t routed = moe.top_k + (by.shared_routed ? moe.shared_experts : 0);
  const std::int64_t gpus = std::int64_t{by.tensor} * by.groups;
  const double all = static_cast<double>(list.group_rows() * by.groups * routed);
  return {.hidden = list.model().hidden,
          .intermediate = moe.intermediate,
          .top_k = moe.top_k,
          .experts = moe.routed_experts,
          .slots = static_cast<double>(moe.routed_experts + by.redundant_experts) / by.expert,
          .parts = static_cast<double>(gpus) / by.expert,
          .rows = all / by.expert * (by.expert > 1 ? by.load : 1.0),
          .dispatched = list.scattered(),
          .masked = list.scattered() && list.rows().prompt_tokens == 0};
}

}  // namespace

void ServingList::add(const ServingKernel& kernel, double launches) {
  ops_.push_back({stage_, kernel, launches});
}

void ServingList::on_rows(Operation operation, std::int64_t rows, std::int64_t n) {
  if (rows > 0) add(KernelShape{operation, Dtype::kBf16, rows, n, 0, 1});
}

void ServingList::linear(std::int64_t rows, std::int64_t n, std::int64_t k) {
  if (rows == 0) return;
  if (division_.fp8) on_rows(Operation::kCast, rows, k);
  add(ServingProduct{true, rows, n, k});
}

void ServingList::swiglu(std::int64_t rows, std::int64_t intermediate) {
  linear(rows, 2 * intermediate, model_.hidden);
  on_rows(Operation::kSwiglu, rows, intermediate);
  linear(rows, model_.hidden, intermediate);
}

void ServingList::collective(CollectiveKind kind, std::int64_t rows) {
  if (division_.tensor == 1 || rows == 0) return;
  add(GroupCollective{kind, division_.tensor,
                      kElement * static_cast<double>(rows * model_.hidden)});
}

std::int64_t ServingList::own_rows() const {
  return scattered() ? divided(group_rows(), division_.tensor) : group_rows();
}

void serving_attention(const Mla& mla, ServingList& list) {
  const std::int64_t hidden = list.model().hidden;
  const std::int64_t rows = list.group_rows();
  const std::int64_t heads = divided(mla.heads, list.division().tensor);
  const std::int64_t query = heads * (mla.nope_dim + mla.rope_dim);
  list.on_rows(Operation::kRmsNorm, list.own_rows(), hidden);
  gather(list);
  if (mla.q_lora_rank > 0) {
    list.linear(rows, mla.q_lora_rank + mla.kv_lora_rank + mla.rope_dim, hidden);
    list.on_rows(Operation::kRmsNorm, rows, mla.q_lora_rank);
    list.on_rows(Operation::kRmsNorm, rows, mla.kv_lora_rank);
    list.linear(rows, query, mla.q_lora_rank);
  } else {
    list.linear(rows, mla.kv_lora_rank + mla.rope_dim, hidden);
    list.on_rows(Operation::kRmsNorm, rows, mla.kv_lora_rank);
    list.linear(rows, query, hidden);
  }
  list.on_rows(Operation::kRope, rows, (heads + 1) * mla.rope_dim);
  indexer_projections(mla, list);
  prompt_attention(mla, heads, list);
  cache_attention(mla, heads, list);
  list.linear(rows, hidden, heads * mla.value_dim);
  sum_up(list);
}

void serving_attention(const Gqa& gqa, ServingList& list) {
  const ServingRows& rows = list.rows();
  const std::int64_t hidden = list.model().hidden;
  const std::int64_t all = list.group_rows();
  const std::int64_t heads = divided(gqa.heads, list.division().tensor);
  const std::int64_t keys = divided(gqa.kv_heads, list.division().tensor);
  list.on_rows(Operation::kRmsNorm, list.own_rows(), hidden);
  gather(list);
  list.linear(all, (heads + 2 * keys) * gqa.head_dim, hidden);
  list.on_rows(Operation::kRope, all, (heads + keys) * gqa.head_dim);
  if (rows.prompt_tokens > 0 && rows.prompts > 0) {
    list.add(PromptAttention{.latent = false,
                             .heads = heads,
                             .kv_heads = keys,
                             .head_dim = gqa.head_dim,
                             .prompts = rows.prompts,
                             .tokens = divided(rows.prompt_tokens, rows.prompts),
                             .cached = rows.cached});
  }
  if (rows.requests > 0) {
    list.add(CacheAttention{.latent = false,
                            .heads = heads,
                            .kv_heads = keys,
                            .head_dim = gqa.head_dim,
                            .requests = rows.requests,
                            .queries = rows.queries,
                            .context = rows.context});
  }
  list.linear(all, hidden, heads * gqa.head_dim);
  sum_up(list);
}

void serving_feed_forward(const Dense& dense, ServingList& list) {
  list.on_rows(Operation::kRmsNorm, list.own_rows(), list.model().hidden);
  list.begin(ServingStage::kFeedForward);
  const std::int64_t shared_by = list.scattered() ? 1 : list.division().tensor;
  list.swiglu(list.own_rows(), divided(dense.intermediate, shared_by));
  if (!list.scattered()) list.collective(CollectiveKind::kAllReduce, list.group_rows());
}

void serving_feed_forward(const Moe& moe, ServingList& list) {
  const std::int64_t hidden = list.model().hidden;
  const std::int64_t rows = list.own_rows();
  list.on_rows(Operation::kRmsNorm, rows, hidden);
  list.add(ServingProduct{false, rows, moe.routed_experts, hidden});
  list.on_rows(Operation::kRouterSelect, rows, moe.routed_experts);
  if (list.scattered()) {
    list.begin(ServingStage::kDispatch);
    list.add(transfer_of(moe, list, false));
  }
  list.begin(ServingStage::kFeedForward);
  if (moe.shared_experts > 0 && !list.division().shared_routed) {
    const std::int64_t shared_by = list.scattered() ? 1 : list.division().tensor;
    list.swiglu(rows, divided(moe.shared_experts * moe.intermediate, shared_by));
  }
  list.add(experts_of(moe, list));
  if (!list.scattered()) {
    list.collective(CollectiveKind::kAllReduce, list.group_rows());
    return;
  }
  list.begin(ServingStage::kCombine);
  list.add(transfer_of(moe, list, true));
}

}  // namespace windtunnel
