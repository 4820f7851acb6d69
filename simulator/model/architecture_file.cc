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

/// [gqa] and [dense] as written; what is absent is as in Llama: rotated, no biases, SwiGLU.
struct GqaText {
  std::int64_t heads;
  std::int64_t kv_heads;
  std::int64_t head_dim;
  bool qkv_bias;
  std::optional<bool> output_bias;
};

struct DenseText {
  std::int64_t intermediate;
  std::optional<Activation> activation;
  std::optional<bool> bias;
};

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
  std::optional<Norm> norm;
  std::optional<std::int64_t> learned_positions;
  std::optional<GqaText> gqa;
  std::optional<DenseText> dense;
  std::optional<Moe> moe;
  std::vector<LayerRun> layers;
  std::vector<LayerRun> mtp;
  std::optional<Vision> vision;
};

constexpr double kLargestWidth = 1 << 20;
constexpr double kMostLayers = 4096;

Fields<Indexer> indexer_fields() {
  return Fields<Indexer>("indexer")
      .required("heads", &Indexer::heads, between(1, 4096), "queries of a token")
      .required("head_dim", &Indexer::head_dim, between(1, 4096), "of each, and of a key")
      .required("top_k", &Indexer::top_k, between(1, kLargestWidth), "tokens that are chosen");
}

Fields<Mla> mla_fields() {
  return Fields<Mla>("mla")
      .required("heads", &Mla::heads, between(1, 4096), "attention heads")
      .required("q_lora_rank", &Mla::q_lora_rank, between(0, kLargestWidth),
                "width of the query latent, 0 for none")
      .required("kv_lora_rank", &Mla::kv_lora_rank, between(1, kLargestWidth),
                "width of the key and value latent")
      .required("nope_dim", &Mla::nope_dim, between(1, 4096), "of a head, not rotated")
      .required("rope_dim", &Mla::rope_dim, between(1, 4096), "of a head, rotated")
      .required("value_dim", &Mla::value_dim, between(1, 4096), "of a head")
      .table("indexer", &Mla::indexer, indexer_fields(), "which tokens sparse attention sees");
}

Fields<GqaText> gqa_fields() {
  return Fields<GqaText>("gqa")
      .required("heads", &GqaText::heads, between(1, 4096), "query heads")
      .required("kv_heads", &GqaText::kv_heads, between(1, 4096), "key and value heads")
      .required("head_dim", &GqaText::head_dim, between(1, 4096), "of a head")
      .required("qkv_bias", &GqaText::qkv_bias, "whether the projections add a bias")
      .optional("output_bias", &GqaText::output_bias,
                "whether the output projection adds one; absent: no");
}

Fields<DenseText> dense_fields() {
  return Fields<DenseText>("dense")
      .required("intermediate", &DenseText::intermediate, between(1, kLargestWidth),
                "width between the two products")
      .optional("activation", &DenseText::activation,
                names<Activation>({{"swiglu", Activation::kSwiglu}, {"gelu", Activation::kGelu}}),
                "between them; absent: SwiGLU, whose first product has a gate")
      .optional("bias", &DenseText::bias, "whether both products add a bias; absent: no");
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

Fields<ArchitectureText> make_fields() {
  return Fields<ArchitectureText>("model")
      .required("name", &ArchitectureText::name, "shown to people")
      .required("source", &ArchitectureText::source, "where the numbers are from")
      .required("hidden", &ArchitectureText::hidden, between(1, kLargestWidth),
                "width of the residual stream")
      .required("vocabulary", &ArchitectureText::vocabulary, between(1, 1 << 24), "tokens")
      .required("tied_embeddings", &ArchitectureText::tied_embeddings,
                "whether embedding and head share weights")
      .optional("norm", &ArchitectureText::norm,
                names<Norm>({{"rms", Norm::kRms}, {"layer", Norm::kLayer}}),
                "before each half of a layer and before the head; absent: RMS")
      .optional("learned_positions", &ArchitectureText::learned_positions, between(1, 1 << 24),
                "rows of a position embedding; absent: rotated positions")
      .table("mla", &ArchitectureText::mla, mla_fields(), "multi-head latent attention")
      .table("gqa", &ArchitectureText::gqa, gqa_fields(), "grouped-query attention")
      .table("dense", &ArchitectureText::dense, dense_fields(), "dense feed-forward")
      .table("moe", &ArchitectureText::moe, moe_fields(), "mixture of experts")
      .table("layers", &ArchitectureText::layers, run_fields(), "the layers in order")
      .custom("mtp", &ArchitectureText::mtp, run_fields().form(), false,
              "blocks of the multi-token-prediction modules")
      .table("vision", &ArchitectureText::vision, vision_fields(),
             "an encoder of images and its adaptor");
}

/// Made once: each scenario of a sweep is read with it.
const Fields<ArchitectureText>& architecture_fields() {
  static const Fields<ArchitectureText> fields = make_fields();
  return fields;
}

/// The part called `name` in a layer at `named_at`.
template <typename Part>
const Part& described(const std::optional<Part>& part, const char* name, const Source& named_at) {
  if (part) return *part;
  throw ConfigError(named_at, std::string("no table [") + name + "] describes it",
                    std::string("a table [") + name + "] in this file");
}

Gqa gqa_of(const GqaText& text, bool rotary) {
  return {.heads = text.heads,
          .kv_heads = text.kv_heads,
          .head_dim = text.head_dim,
          .qkv_bias = text.qkv_bias,
          .output_bias = text.output_bias.value_or(false),
          .rotary = rotary};
}

Dense dense_of(const DenseText& text) {
  return {.intermediate = text.intermediate,
          .activation = text.activation.value_or(Activation::kSwiglu),
          .bias = text.bias.value_or(false)};
}

Layer layer_of(const ArchitectureText& text, const LayerRun& run) {
  Layer layer;
  switch (run.attention.value) {
    case AttentionKind::kMla:
      layer.attention = described(text.mla, "mla", run.attention.source);
      break;
    case AttentionKind::kGqa:
      layer.attention =
          gqa_of(described(text.gqa, "gqa", run.attention.source), !text.learned_positions);
      break;
  }
  switch (run.feed_forward.value) {
    case FeedForwardKind::kDense:
      layer.feed_forward = dense_of(described(text.dense, "dense", run.feed_forward.source));
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
  if (text.learned_positions && text.mla) {
    reject("learned_positions", "latent attention rotates its positions",
           "a model without [mla], or no learned_positions");
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
          .vision = text.vision,
          .norm = text.norm.value_or(Norm::kRms),
          .learned_positions = text.learned_positions.value_or(0)};
}

FileKeys architecture_keys() { return file_keys(architecture_fields()); }

Architecture load_architecture(const std::filesystem::path& file, const Source& named_at) {
  return decode_architecture(load_toml(file, named_at));
}

}  // namespace windtunnel
