// Parameter counts by part, training FLOPs and KV-cache bytes of a token.
#pragma once

#include <cstdint>

#include "kernels/shapes/units.h"
#include "simulator/model/architecture.h"

namespace windtunnel {

/// Parameters of one block by part. Shared parts are whole, `routed_experts` is all of them.
struct BlockParameters {
  std::int64_t attention;  ///< with the norms of the latents
  std::int64_t norms;      ///< before attention and before the feed-forward
  std::int64_t router;     ///< with its correction bias
  std::int64_t routed_experts;
  std::int64_t shared_experts;
  std::int64_t dense;
  std::int64_t total;
  std::int64_t active;    ///< those that one token visits
  std::int64_t matrices;  ///< those of `active` that multiply: without norms and biases
};

BlockParameters block_parameters(const Architecture& model, const Layer& layer);

/// One SwiGLU expert of a MoE layer.
std::int64_t expert_parameters(const Architecture& model, const Moe& moe);

/// The whole model. `total` and `active` count embedding, head and final norm, but no MTP module
/// and no vision encoder.
struct ParameterCount {
  std::int64_t embedding;  ///< of the vocabulary
  std::int64_t positions;  ///< learned ones
  std::int64_t head;       ///< 0 when tied
  std::int64_t final_norm;
  std::int64_t layers;
  std::int64_t total;
  std::int64_t active;
  std::int64_t active_without_embedding;
  std::int64_t mtp;         ///< of all MTP modules, without the embedding and head they share
  std::int64_t vision;      ///< of the encoder, its adaptor and the two vectors between tiles
  std::int64_t checkpoint;  ///< total + mtp + vision + the copies of embedding and head that each
                            ///< module is saved with
};

/// Patches of a tile, and the tokens that the adaptor makes of them, after padding to whole
/// squares.
std::int64_t patches(const Vision& vision);
std::int64_t tokens_per_tile(const Vision& vision);

/// Of one layer of the encoder; of the embedding of patches and their positions; and of the adaptor
/// with the two vectors between tiles and the encoder's last norm.
std::int64_t vision_layer_parameters(const Vision& vision);
std::int64_t patch_parameters(const Vision& vision);
std::int64_t adaptor_parameters(const Vision& vision, std::int64_t hidden);

ParameterCount parameters(const Architecture& model);

/// FLOPs of one token's forward and backward (three times the forward), MTP left out; `causal`
/// counts half the scores.
struct TokenFlops {
  Flops causal;
  Flops full;
};

TokenFlops training_flops_per_token(const Architecture& model, std::int64_t sequence_length);

/// Cache of one token over all layers at `bytes_per_element`.
Bytes kv_bytes_per_token(const Architecture& model, double bytes_per_element);

}  // namespace windtunnel
