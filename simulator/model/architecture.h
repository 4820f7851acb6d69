// A transformer as data: a list of layers, each with its attention and its feed-forward.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "simulator/base/field_rows.h"
#include "simulator/base/node.h"
#include "simulator/base/source.h"

namespace windtunnel {

/// Chooses the `top_k` tokens before a token that it attends to, by the scores of `heads` queries
/// (made of the query latent) against one key of `head_dim` a token, in FP8: DeepSeek-V3.2.
struct Indexer {
  std::int64_t heads;
  std::int64_t head_dim;
  std::int64_t top_k;
};

/// Multi-head latent attention. `q_lora_rank` 0: queries are projected straight from the hidden
/// state. With an `indexer` it is sparse, and absorbed for prompts too.
struct Mla {
  std::int64_t heads;
  std::int64_t q_lora_rank;
  std::int64_t kv_lora_rank;
  std::int64_t nope_dim;
  std::int64_t rope_dim;
  std::int64_t value_dim;
  std::optional<Indexer> indexer = {};
};

/// Grouped-query attention; multi-head where kv_heads = heads. `rotary`: queries and keys are
/// rotated by their positions, else positions are embedded.
struct Gqa {
  std::int64_t heads;
  std::int64_t kv_heads;
  std::int64_t head_dim;
  bool qkv_bias;
  bool output_bias = false;
  bool rotary = true;
};

/// SwiGLU has a gate beside its first matrix, GELU has not.
enum class Activation { kSwiglu, kGelu };

/// hidden -> intermediate -> hidden.
struct Dense {
  std::int64_t intermediate;
  Activation activation = Activation::kSwiglu;
  bool bias = false;
};

enum class Scoring { kSoftmax, kSigmoid };

/// Routed experts of `intermediate` each and shared ones of the same size that every token visits.
/// A token chooses `top_k` experts in at most `top_groups` of `groups` groups, which sit on at most
/// `node_limit` nodes.
struct Moe {
  std::int64_t routed_experts;
  std::int64_t shared_experts;
  std::int64_t top_k;
  std::int64_t intermediate;
  std::int64_t groups;
  std::int64_t top_groups;
  std::int64_t node_limit;
  Scoring scoring;
  bool correction_bias;  ///< one bias an expert, for balance without an auxiliary loss
};

/// A vision transformer over square tiles of an image, and an adaptor: `shuffle` x `shuffle`
/// patches become one token, which two linear layers take to the hidden state. Lengths in pixels.
struct Vision {
  std::int64_t width;
  std::int64_t layers;
  std::int64_t heads;
  std::int64_t intermediate;
  std::int64_t patch;
  std::int64_t tile;
  std::int64_t shuffle;
};

/// A root-mean-square norm has a weight, LayerNorm a weight and a bias.
enum class Norm { kRms, kLayer };

struct Layer {
  std::variant<Mla, Gqa> attention;
  std::variant<Dense, Moe> feed_forward;
};

/// `mtp` holds the block of each multi-token-prediction module, which shares embedding and head.
/// `learned_positions`: rows of a position embedding, 0 for none. `norm` is that of every layer and
/// of the head.
struct Architecture {
  std::string name;
  std::string source;
  std::int64_t hidden;
  std::int64_t vocabulary;
  bool tied_embeddings;
  std::vector<Layer> layers;
  std::vector<Layer> mtp;
  std::optional<Vision> vision = {};
  Norm norm = Norm::kRms;
  std::int64_t learned_positions = 0;
};

/// Reads a model file; throws ConfigError, for an unreadable file at `named_at`.
Architecture load_architecture(const std::filesystem::path& file, const Source& named_at);

/// What may be written in a model file.
FileKeys architecture_keys();

/// The architecture that `root` describes; throws ConfigError.
Architecture decode_architecture(const Node& root);

}  // namespace windtunnel
