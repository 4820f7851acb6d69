#include "simulator/model/serving_kernels.h"

#include <fmt/format.h>

namespace windtunnel {
namespace {

std::string words(const KernelShape& it) {
  std::string text =
      fmt::format("{} {} {} x {}", operation_name(it.operation), dtype_name(it.dtype), it.m, it.n);
  if (it.k > 0) text += fmt::format(" x {}", it.k);
  return text;
}

std::string words(const ServingProduct& it) {
  return fmt::format("product {} x {} x {}{}", it.m, it.n, it.k, it.quantised ? "" : " bf16");
}

std::string heads_text(bool latent, std::int64_t heads, std::int64_t kv_heads) {
  return latent ? fmt::format("{} MLA heads", heads)
                : fmt::format("{} heads on {}", heads, kv_heads);
}

std::string words(const PromptAttention& it) {
  return fmt::format("prompt attention {} x {} tokens after {}, {}", it.prompts, it.tokens,
                     it.cached, heads_text(it.latent, it.heads, it.kv_heads));
}

std::string words(const CacheAttention& it) {
  return fmt::format("cache attention {} x {} tokens to {}, {}", it.requests, it.queries,
                     it.context, heads_text(it.latent, it.heads, it.kv_heads));
}

std::string words(const AbsorbedProduct& it) {
  return fmt::format("absorbed {} {} rows, {} heads", it.output ? "output" : "query", it.rows,
                     it.heads);
}

std::string words(const ExpertProducts& it) {
  return fmt::format("experts {:.6g} rows, {:.4g} of {} x {}{}{}", it.rows, it.slots, it.hidden,
                     it.intermediate, it.parts > 1 ? fmt::format(" / {:g}", it.parts) : "",
                     it.masked       ? ", masked"
                     : it.dispatched ? ", contiguous"
                                     : "");
}

std::string words(const TileAttention& it) {
  return fmt::format("tile attention {} x {} patches, {} heads", it.tiles, it.patches, it.heads);
}

std::string words(const SparseAttention& it) {
  return fmt::format("sparse attention {} {} tokens to {} of {}, {} MLA heads",
                     it.decodes ? "decoding" : "of prompts,", it.rows, it.kept, it.context,
                     it.heads);
}

std::string words(const IndexerScores& it) {
  return fmt::format("indexer {} {} tokens to {}, {} heads",
                     it.decodes ? "decoding" : "of prompts,", it.rows, it.context, it.heads);
}

std::string words(const GroupCollective& it) {
  const char* name = it.kind == CollectiveKind::kAllReduce       ? "all-reduce"
                     : it.kind == CollectiveKind::kReduceScatter ? "reduce-scatter"
                                                                 : "all-gather";
  return fmt::format("{} of {:.6g} B on {} GPUs", name, it.bytes, it.ranks);
}

std::string words(const ExpertTransfer& it) {
  return fmt::format("{} {} {:.6g} tokens x {} of {} on {} GPUs",
                     it.low_latency ? "low-latency" : "normal", it.combine ? "combine" : "dispatch",
                     it.tokens, it.top_k, it.experts, it.ranks);
}

}  // namespace

std::string kernel_words(const ServingKernel& kernel) {
  return std::visit([](const auto& it) { return words(it); }, kernel);
}

bool is_transfer(const ServingKernel& kernel) {
  return std::holds_alternative<GroupCollective>(kernel) ||
         std::holds_alternative<ExpertTransfer>(kernel);
}

}  // namespace windtunnel
