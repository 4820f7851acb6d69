#include <optional>
#include <utility>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"
#include "simulator/model/architecture.h"

namespace windtunnel {
namespace {

enum class AttentionKind { kMla, kGqa };
enum class FeedForwardKind { kDense, kMoe };

/// `count` equal layers in a row.
struct LayerRun {
  std::int64_t count;
  Sourced<AttentionKind> attention;
  Sourced<FeedForwardKind> feed_forward;
};

/// A model as written: each kind of part once, and the layers by the names of their parts.
struct ArchitectureText {
  std::string name;
  std::string source;
  std::int64_t hidden;
  std::int64_t vocabulary;
  bool tied_embeddings;
  std::optional<Mla> mla;
  std::optional<Gqa> gqa;
  std::optional<Dense> dense;
  std::optional<Moe> moe;
  std::vector<LayerRun> layers;
  std::vector<LayerRun> mtp;
  std::optional<Vision> vision;
};

constexpr double kLargestWidth = 1 << 20;
constexpr double kMostLayers = 4096;

Fields<Mla> mla_fields() {
  return Fields<Mla>("mla")
      .required("heads", &Mla::heads, between(1, 4096), "attention heads")
      .required("q_lora_rank", &Mla::q_lora_rank, between(0, kLargestWidth),
                "width of the query latent, 0 for none")
      .required("kv_lora_rank", &Mla::kv_lora_rank, between(1, kLargestWidth),
                "width of the key and value latent")
      .required("nope_dim", &Mla::nope_dim, between(1, 4096), "of a head, not rotated")
      .required("rope_dim", &Mla::rope_dim, between(1, 4096), "of a head, rotated")
      .required("value_dim", &Mla::value_dim, between(1, 4096), "of a head");
}

Fields<Gqa> gqa_fields() {
  return Fields<Gqa>("gqa")
      .required("heads", &Gqa::heads, between(1, 4096), "query heads")
      .required("kv_heads", &Gqa::kv_heads, between(1, 4096), "key and value heads")
      .required("head_dim", &Gqa::head_dim, between(1, 4096), "of a head")
      .required("qkv_bias", &Gqa::qkv_bias, "whether the projections add a bias");
}

Fields<Dense> dense_fields() {
  return Fields<Dense>("dense").required("intermediate", &Dense::intermediate,
                                         between(1, kLargestWidth), "width of the SwiGLU");
}

Fields<Moe> moe_fields() {
  return Fields<Moe>("moe")
      .required("routed_experts", &Moe::routed_experts, between(1, 65536), "of one layer")
      .required("shared_experts", &Moe::shared_experts, between(0, 65536), "visited by every token")
      .required("top_k", &Moe::top_k, between(1, 65536), "routed experts a token visits")
      .required("intermediate", &Moe::intermediate, between(1, kLargestWidth), "of one expert")
      .required("groups", &Moe::groups, between(1, 65536), "groups of routed experts")
      .required("top_groups", &Moe::top_groups, between(1, 65536), "groups a token may choose from")
      .required("node_limit", &Moe::node_limit, between(0, 65536),
                "nodes a token may be sent to, 0 for no limit")
      .required("scoring", &Moe::scoring,
                names<Scoring>({{"softmax", Scoring::kSoftmax}, {"sigmoid", Scoring::kSigmoid}}),
                "of the router")
      .required("correction_bias", &Moe::correction_bias,
                "whether each expert has a bias for balance");
}

Fields<Vision> vision_fields() {
  return Fields<Vision>("vision")
      .required("width", &Vision::width, between(1, kLargestWidth), "of the encoder")
      .required("layers", &Vision::layers, between(1, kMostLayers), "of the encoder")
      .required("heads", &Vision::heads, between(1, 4096), "attention heads")
      .required("intermediate", &Vision::intermediate, between(1, kLargestWidth),
                "width of a layer's MLP")
      .required("patch", &Vision::patch, between(1, 4096), "side of a patch in pixels")
      .required("tile", &Vision::tile, between(1, 1 << 16), "side of a tile in pixels")
      .required("shuffle", &Vision::shuffle, between(1, 64),
                "side of the square of patches that becomes one token");
}

Fields<LayerRun> run_fields() {
  return Fields<LayerRun>("layers")
      .required("count", &LayerRun::count, between(1, kMostLayers), "equal layers in a row")
      .required("attention", &LayerRun::attention,
                names<AttentionKind>({{"mla", AttentionKind::kMla}, {"gqa", AttentionKind::kGqa}}),
                "the table that describes it")
      .required("feed_forward", &LayerRun::feed_forward,
                names<FeedForwardKind>(
                    {{"dense", FeedForwardKind::kDense}, {"moe", FeedForwardKind::kMoe}}),
                "the table that describes it");
}

Fields<ArchitectureText> architecture_fields() {
  return Fields<ArchitectureText>("model")
      .required("name", &ArchitectureText::name, "shown to people")
      .required("source", &ArchitectureText::source, "where the numbers are from")
      .required("hidden", &ArchitectureText::hidden, between(1, kLargestWidth),
                "width of the residual stream")
      .required("vocabulary", &ArchitectureText::vocabulary, between(1, 1 << 24), "tokens")
      .required("tied_embeddings", &ArchitectureText::tied_embeddings,
                "whether embedding and head share weights")
      .table("mla", &ArchitectureText::mla, mla_fields(), "multi-head latent attention")
      .table("gqa", &ArchitectureText::gqa, gqa_fields(), "grouped-query attention")
      .table("dense", &ArchitectureText::dense, dense_fields(), "dense SwiGLU")
      .table("moe", &ArchitectureText::moe, moe_fields(), "mixture of experts")
      .table("layers", &ArchitectureText::layers, run_fields(), "the layers in order")
      .custom("mtp", &ArchitectureText::mtp, run_fields().form(), false,
              "blocks of the multi-token-prediction modules")
      .table("vision", &ArchitectureText::vision, vision_fields(),
             "an encoder of images and its adaptor");
}

/// The part called `name` in a layer at `named_at`.
template <typename Part>
const Part& described(const std::optional<Part>& part, const char* name, const Source& named_at) {
  if (part) return *part;
  throw ConfigError(named_at, std::string("no table [") + name + "] describes it",
                    std::string("a table [") + name + "] in this file");
}

Layer layer_of(const ArchitectureText& text, const LayerRun& run) {
  Layer layer;
  switch (run.attention.value) {
    case AttentionKind::kMla:
      layer.attention = described(text.mla, "mla", run.attention.source);
      break;
    case AttentionKind::kGqa:
      layer.attention = described(text.gqa, "gqa", run.attention.source);
      break;
  }
  switch (run.feed_forward.value) {
    case FeedForwardKind::kDense:
      layer.feed_forward = described(text.dense, "dense", run.feed_forward.source);
      break;
    case FeedForwardKind::kMoe:
      layer.feed_forward = described(text.moe, "moe", run.feed_forward.source);
      break;
  }
  return layer;
}

std::vector<Layer> layers_of(const ArchitectureText& text, const std::vector<LayerRun>& runs) {
  std::vector<Layer> layers;
  for (const LayerRun& run : runs) {
    layers.insert(layers.end(), static_cast<std::size_t>(run.count), layer_of(text, run));
  }
  return layers;
}

/// Counts that only make sense together.
void check(const Node& root, const ArchitectureText& text) {
  const auto reject = [&](const char* key, const char* message, const char* accepted) {
    throw ConfigError(source_of(root, key), message, accepted);
  };
  if (text.gqa && text.gqa->heads % text.gqa->kv_heads != 0) {
    reject("gqa.kv_heads", "key heads are not shared evenly", "a divisor of heads");
  }
  if (text.vision && text.vision->patch > text.vision->tile) {
    reject("vision.patch", "a patch is larger than a tile", "at most tile");
  }
  if (!text.moe) return;
  if (text.moe->routed_experts % text.moe->groups != 0) {
    reject("moe.groups", "groups of unequal size", "a divisor of routed_experts");
  }
  if (text.moe->top_groups > text.moe->groups) {
    reject("moe.top_groups", "more groups than there are", "at most groups");
  }
  const std::int64_t choices = text.moe->routed_experts / text.moe->groups * text.moe->top_groups;
  if (text.moe->top_k > choices) {
    reject("moe.top_k", "more experts than a token may choose from",
           "at most the experts of top_groups groups");
  }
}

}  // namespace

Architecture decode_architecture(const Node& root) {
  const ArchitectureText text = decode(architecture_fields(), root);
  check(root, text);
  return {.name = text.name,
          .source = text.source,
          .hidden = text.hidden,
          .vocabulary = text.vocabulary,
          .tied_embeddings = text.tied_embeddings,
          .layers = layers_of(text, text.layers),
          .mtp = layers_of(text, text.mtp),
          .vision = text.vision};
}

FileKeys architecture_keys() { return file_keys(architecture_fields()); }

Architecture load_architecture(const std::filesystem::path& file, const Source& named_at) {
  return decode_architecture(load_toml(file, named_at));
}

}  // namespace windtunnel
