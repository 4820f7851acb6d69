// The kernels that answer requests, as shapes: what a price is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "kernels/shapes/ops.h"

namespace windtunnel {

/// y[m, n] = x[m, k] w[n, k], w quantised as the scenario says or in BF16.
struct ServingProduct {
  bool quantised;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  friend bool operator==(const ServingProduct&, const ServingProduct&) = default;
};

/// Causal attention of `tokens` new tokens of each of `prompts` sequences to themselves and to the
/// `cached` ones before them. `latent`: MLA with expanded keys, else grouped queries of `kv_heads`.
struct PromptAttention {
  bool latent;
  std::int64_t heads;
  std::int64_t kv_heads;
  std::int64_t head_dim;
  std::int64_t prompts;
  std::int64_t tokens;
  std::int64_t cached;
  friend bool operator==(const PromptAttention&, const PromptAttention&) = default;
};

/// Attention of `queries` tokens of each of `requests` sequences to `context` tokens in the cache.
/// `latent`: MLA absorbed, on the latents themselves.
struct CacheAttention {
  bool latent;
  std::int64_t heads;
  std::int64_t kv_heads;
  std::int64_t head_dim;
  std::int64_t requests;
  std::int64_t queries;
  std::int64_t context;
  friend bool operator==(const CacheAttention&, const CacheAttention&) = default;
};

/// MLA's absorbed up-projections, head by head: queries to latents, or (`output`) back.
struct AbsorbedProduct {
  bool output;
  std::int64_t heads;
  std::int64_t rows;
  std::int64_t latent_width;
  std::int64_t head_width;
  friend bool operator==(const AbsorbedProduct&, const AbsorbedProduct&) = default;
};

/// The routed experts of one rank, both products and SwiGLU: `slots` experts of hidden x
/// intermediate, each divided over `parts` GPUs, that `rows` rows reach; a token chose `top_k` of
/// `experts`. `masked`: rows lie in blocks with room for more, as low-latency dispatch leaves them.
struct ExpertProducts {
  std::int64_t hidden;
  std::int64_t intermediate;
  std::int64_t top_k;
  std::int64_t experts;
  double slots;
  double parts;
  double rows;
  bool dispatched;  ///< behind an expert transfer, else the rows are at hand
  bool masked;
  friend bool operator==(const ExpertProducts&, const ExpertProducts&) = default;
};

/// A vision encoder's attention, not causal.
struct TileAttention {
  std::int64_t tiles;
  std::int64_t heads;
  std::int64_t head_dim;
  std::int64_t patches;
  friend bool operator==(const TileAttention&, const TileAttention&) = default;
};

/// Sparse attention on the latents: `rows` tokens, each to `kept` of those before it in a sequence
/// of `context`; of prompts, or of requests that decode.
struct SparseAttention {
  bool decodes;
  std::int64_t heads;
  std::int64_t rows;
  std::int64_t kept;
  std::int64_t context;
  friend bool operator==(const SparseAttention&, const SparseAttention&) = default;
};

/// The indexer's scores of `rows` tokens against `context` keys of each of their sequences, in FP8;
/// `queries` tokens a request where they decode.
struct IndexerScores {
  bool decodes;
  std::int64_t heads;
  std::int64_t head_dim;
  std::int64_t rows;
  std::int64_t queries;
  std::int64_t context;
  friend bool operator==(const IndexerScores&, const IndexerScores&) = default;
};

enum class CollectiveKind : std::uint8_t { kAllReduce, kReduceScatter, kAllGather };

/// Among the `ranks` GPUs of an attention group; `bytes` as nccl-tests counts them.
struct GroupCollective {
  CollectiveKind kind;
  std::int64_t ranks;
  double bytes;
  friend bool operator==(const GroupCollective&, const GroupCollective&) = default;
};

/// `tokens` of a GPU to their `top_k` experts of `experts` on `ranks` GPUs, or back.
struct ExpertTransfer {
  bool combine;
  bool low_latency;
  std::int64_t ranks;
  std::int64_t hidden;
  std::int64_t top_k;
  std::int64_t experts;
  std::int64_t node_limit;
  double tokens;
  friend bool operator==(const ExpertTransfer&, const ExpertTransfer&) = default;
};

/// KernelShape: norms, casts, rotations and the like.
using ServingKernel = std::variant<KernelShape, ServingProduct, PromptAttention, CacheAttention,
                                   AbsorbedProduct, ExpertProducts, TileAttention, SparseAttention,
                                   IndexerScores, GroupCollective, ExpertTransfer>;

/// "product 128 x 7168 x 2048", for people and as a key.
std::string kernel_words(const ServingKernel& kernel);

/// Transfers between GPUs.
bool is_transfer(const ServingKernel& kernel);

}  // namespace windtunnel
