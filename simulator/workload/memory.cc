#include "simulator/workload/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "simulator/model/layer_ops.h"
#include "simulator/model/parameters.h"
#include "simulator/workload/parallelism/expert.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// What one GPU keeps of a layer depends on the shape in which it runs it.
struct Keeping {
  const Scenario& scenario;
  LayerShape shape;
  double rows;  ///< of the linear layers
  double own;   ///< of norms and residuals
};

Keeping keeping_of(const Scenario& scenario) {
  const LayerShape shape = layer_shape(scenario);
  return {.scenario = scenario,
          .shape = shape,
          .rows = static_cast<double>(linear_rows(shape)),
          .own = static_cast<double>(own_rows(shape))};
}

double share(std::int64_t width, const Keeping& keeping) {
  return static_cast<double>(tensor_share(width, keeping.shape));
}

bool keeps_all(const Keeping& keeping) { return keeping.shape.recompute == Recompute::kNone; }

Bytes sum(const std::vector<MemoryPart>& parts) {
  return std::accumulate(parts.begin(), parts.end(), Bytes{0},
                         [](Bytes total, const MemoryPart& part) { return total + part.bytes; });
}

void add_attention(std::vector<MemoryPart>& parts, const Mla& mla, const Keeping& keeping,
                   double kept) {
  const auto latents = static_cast<double>(mla.q_lora_rank + mla.kv_lora_rank + mla.rope_dim);
  const double heads = share(mla.heads, keeping);
  const auto query = static_cast<double>(mla.nope_dim + mla.rope_dim);
  const auto value = static_cast<double>(mla.value_dim);
  const double queries = mla.q_lora_rank > 0 ? 0 : heads * query * keeping.rows;
  parts.push_back({"latents", {2 * (keeping.own * latents + queries)}, "q and kv latents, BF16"});
  if (keeps_all(keeping)) {
    const double keys = heads * (query + value) + (mla.q_lora_rank > 0 ? heads * query : 0);
    parts.push_back({"q, k, v", {2 * keeping.rows * keys}, "up-projected, BF16"});
  }
  parts.push_back(
      {"attention output", {kept * keeping.rows * heads * value}, "E5M6 (1.5 B) or BF16"});
  parts.push_back({"log-sum-exp", {4 * keeping.rows * heads}, "FP32 a head"});
}

void add_attention(std::vector<MemoryPart>& parts, const Gqa& gqa, const Keeping& keeping,
                   double kept) {
  const double heads = share(gqa.heads, keeping);
  const auto dim = static_cast<double>(gqa.head_dim);
  const double qkv = (heads + 2 * share(gqa.kv_heads, keeping)) * dim;
  parts.push_back({"q, k, v", {2 * keeping.rows * qkv}, "BF16"});
  parts.push_back(
      {"attention output", {kept * keeping.rows * heads * dim}, "E5M6 (1.5 B) or BF16"});
  const Implementation& runs = keeping.shape.implementation;
  if (runs.attention == AttentionKernels::kFlash) {
    parts.push_back({"log-sum-exp", {4 * keeping.rows * heads}, "FP32 a head"});
  } else {
    const auto keys = static_cast<double>(keeping.shape.document_length);
    parts.push_back({"scores",
                     {(runs.dropout ? 5 : 2) * keeping.rows * keys * heads},
                     "probabilities of every head and key, BF16; with dropout what is left of them "
                     "and a mask"});
  }
  if (runs.dropout) {
    const auto hidden = static_cast<double>(keeping.scenario.model.hidden);
    parts.push_back({"dropout masks", {2 * keeping.own * hidden}, "a byte behind each half"});
  }
}

/// Gate and up, and their product where nothing is computed again.
double swiglu_widths(const Keeping& keeping) { return keeps_all(keeping) ? 3 : 2; }
double gelu_widths(const Keeping& keeping) { return keeps_all(keeping) ? 2 : 1; }

void add_feed_forward(std::vector<MemoryPart>& parts, const Dense& dense, const Keeping& keeping) {
  const double element = element_bytes(keeping.shape.precision);
  if (dense.activation == Activation::kGelu) {
    const double width = gelu_widths(keeping) * share(dense.intermediate, keeping);
    parts.push_back({"GELU input", {element * keeping.rows * width}, "FP8 or BF16"});
    return;
  }
  parts.push_back(
      {"SwiGLU input",
       {element * keeping.rows * swiglu_widths(keeping) * share(dense.intermediate, keeping)},
       "gate and up, FP8 (V3 report 3.2.3) or BF16"});
}

void add_feed_forward(std::vector<MemoryPart>& parts, const Moe& moe, const Keeping& keeping) {
  const double element = element_bytes(keeping.shape.precision);
  const Scenario& scenario = keeping.scenario;
  const auto hidden = static_cast<int>(scenario.model.hidden);
  const ExpertTraffic traffic = traffic_of(scenario, moe);
  const Bytes row = scenario.precision == Dtype::kFp8 ? fp8_row(hidden) : bf16_row(hidden);
  const int sharing = keeping.shape.expert_tensor_parallel;
  const double intermediate = static_cast<double>(moe.intermediate) / sharing;
  const auto routed = static_cast<double>(routed_rows(moe, keeping.shape));
  parts.push_back({"received tokens", row * (keeping.own * sharing * ranks_per_token(traffic)),
                   "one row for each token and rank, as dispatched"});
  parts.push_back({"expert SwiGLU input",
                   {element * routed * swiglu_widths(keeping) * intermediate},
                   "routed rows in expectation, gate and up"});
  parts.push_back({"shared SwiGLU input",
                   {element * keeping.rows * swiglu_widths(keeping) *
                    share(moe.intermediate * moe.shared_experts, keeping)},
                   "gate and up"});
  parts.push_back(
      {"router scores", {4 * keeping.own * static_cast<double>(moe.routed_experts)}, "FP32"});
}

/// All that a layer's backward pass reads, whether it was kept or computed again.
std::vector<MemoryPart> layer_activations(const Layer& layer, const Keeping& keeping) {
  const double residual = 2 * keeping.own * static_cast<double>(keeping.scenario.model.hidden);
  const double kept = keeping.shape.precision == Dtype::kFp8 ? 1.5 : 2.0;
  std::vector<MemoryPart> parts{{"attention input", {residual}, "residual stream, BF16"},
                                {"feed-forward input", {residual}, "residual stream, BF16"}};
  if (keeps_all(keeping)) {
    parts.push_back({"normed inputs", {2 * residual}, "outputs of both norms, BF16"});
  }
  std::visit([&](const auto& kind) { add_attention(parts, kind, keeping, kept); }, layer.attention);
  std::visit([&](const auto& kind) { add_feed_forward(parts, kind, keeping); }, layer.feed_forward);
  return parts;
}

/// BF16: of each encoder layer its two inputs, q, k, v, attention's output and the wide channels;
/// outputs of norms and GELU where nothing is computed again. Then pixels, and the adaptor's
/// inputs.
Bytes vision_activations(const Scenario& scenario, const Stage& stage, const Keeping& keeping) {
  const std::int64_t tiles = vision_tiles(scenario);
  if (tiles == 0) return {0};
  const Vision& vision = *scenario.model.vision;
  const std::int64_t w = vision.width;
  const std::int64_t rows = tiles * patches(vision);
  const std::int64_t light = 2 * w + 3 * w + w + vision.intermediate;
  const std::int64_t width = keeping.shape.recompute == Recompute::kFull ? w
                             : keeps_all(keeping) ? light + 2 * w + vision.intermediate
                                                  : light;
  std::int64_t elements = stage.vision_layers * rows * width;
  if (stage.patches) elements += rows * 3 * vision.patch * vision.patch;
  if (stage.adaptor) {
    elements += tiles * tokens_per_tile(vision) *
                (vision.shuffle * vision.shuffle * w + 2 * scenario.model.hidden);
  }
  return {2 * static_cast<double>(elements)};
}

}  // namespace

Bytes stage_activations(const Scenario& scenario, const Stage& stage) {
  const Architecture& model = scenario.model;
  const Keeping keeping = keeping_of(scenario);
  Bytes bytes{0};
  for (int layer = stage.first_layer; layer < stage.first_layer + stage.layers; ++layer) {
    bytes += sum(kept_activations(model, model.layers[static_cast<std::size_t>(layer)], scenario));
  }
  bytes += vision_activations(scenario, stage, keeping);
  if (stage.heads) {
    for (const Layer& layer : model.mtp) bytes += sum(kept_activations(model, layer, scenario));
    // Main and MTP heads: final norm's input and the logits, whose gradient takes their place.
    const double heads = 1 + static_cast<double>(model.mtp.size());
    bytes += Bytes{heads * 2 *
                   (keeping.own * static_cast<double>(model.hidden) +
                    keeping.rows * share(model.vocabulary, keeping))};
  }
  return bytes;
}

namespace {

/// The most activations that the chunks in flight on a rank hold, walking its slots: a chunk holds
/// them from its forward to its weight gradient.
Bytes peak_activations(const std::vector<Slot>& slots, const std::vector<Bytes>& of_stage) {
  const auto held = [&](const Chunk& chunk) {
    return of_stage[static_cast<std::size_t>(chunk.stage)];
  };
  Bytes now{0};
  Bytes peak{0};
  for (const Slot& slot : slots) {
    if (has_forward(slot.kind)) now += held(slot.forward);
    peak = std::max(peak, now);
    if (has_weight(slot.kind)) now = now - held(slot.backward);
  }
  return peak;
}

/// Expanded inputs and SwiGLU tensors of the one layer that runs, forward and backward side by
/// side.
Bytes expanded_rows(const Keeping& keeping) {
  double largest = 0;
  for (const Layer& layer : keeping.scenario.model.layers) {
    const auto* moe = std::get_if<Moe>(&layer.feed_forward);
    if (moe == nullptr) continue;
    const std::int64_t expert = moe->intermediate / keeping.shape.expert_tensor_parallel;
    const auto width = static_cast<double>(keeping.scenario.model.hidden + 2 * expert);
    largest = std::max(largest, static_cast<double>(routed_rows(*moe, keeping.shape)) * width);
  }
  return {2 * 2 * largest};
}

}  // namespace

LayerWorkspace layer_workspace(const Scenario& scenario) {
  Keeping keeping = keeping_of(scenario);
  const bool again = keeping.shape.recompute == Recompute::kFull;
  const double expanded = expanded_rows(keeping).value;
  keeping.shape.recompute = Recompute::kNone;
  double activations = 0;
  double parameters = 0;
  for (const Layer& layer : scenario.model.layers) {
    activations = std::max(activations, sum(layer_activations(layer, keeping)).value);
    parameters = std::max(parameters, sum(layer_parameters(scenario, layer)));
  }
  return {.rows = {expanded + (again ? activations : 0)}, .gathered = {2 * 2 * parameters}};
}

namespace {

/// Parameters of one GPU, and of its share where its replicas divide them among themselves.
struct Shares {
  double whole;
  double shard;
  double expert_replicas;
  double replicas;
};

Shares shares_of(const Scenario& scenario, const StageParameters& held, double copies) {
  const Degrees& degrees = scenario.parallelism;
  const double data = degrees.shard_group.value_or(data_ranks(scenario));
  const double whole_stage =
      static_cast<double>(gpu_count(scenario.cluster)) / degrees.pipeline * copies;
  const double expert_replicas = whole_stage /
                                 (static_cast<double>(degrees.expert) * degrees.expert_tensor) *
                                 (data / data_ranks(scenario));
  const double replicas = data * degrees.context * copies;
  return {.whole = sum(held),
          .shard = held.experts / std::max(1.0, expert_replicas) + held.shared / replicas +
                   held.everywhere / (replicas * degrees.tensor),
          .expert_replicas = std::max(1.0, expert_replicas),
          .replicas = replicas};
}

/// Of what the optimizer updates. Shards that are replicated (HSDP) are updated by every replica.
Shares updated_shares(const Scenario& scenario, const HeldParameters& held, int copies) {
  return shares_of(scenario, held.learning, scenario.parallelism.shard_group ? 1 : copies);
}

}  // namespace

LedgerBytes ledger_bytes(const Scenario& scenario, const HeldParameters& held, int copies,
                         Bytes activations, const LayerWorkspace& layer) {
  // What is sharded in every micro-batch is so among the ranks of one copy; the state of the
  // optimizer among those of all copies.
  const Shares shares = shares_of(scenario, held.all, 1);
  const Shares learned = shares_of(scenario, held.learning, 1);
  const Shares updated = updated_shares(scenario, held, copies);
  const MemoryPlan& plan = scenario.memory;
  const int zero = scenario.parallelism.zero_stage;
  const double linear = element_bytes(scenario.precision);
  const double state = plan.master_bytes + plan.moment_bytes;
  const auto part = [&](const Shares& of, int from) { return zero >= from ? of.shard : of.whole; };
  return {.weights = Bytes{(shares.whole - held.all.bf16) * linear + held.all.bf16 * 2} *
                     (part(shares, 3) / shares.whole),
          .gradients = {part(learned, 2) * plan.gradient_bytes},
          .optimizer = {part(updated, 1) * state},
          .activations = activations,
          .workspace = {layer.rows.value + (zero >= 3 ? layer.gathered.value : 0)},
          .fragmentation = activations * plan.fragmentation,
          .reserved = plan.reserved};
}

namespace {

RankMemory ledger(const Scenario& scenario, const ScheduleKind& schedule, int rank,
                  const std::vector<int>& stages_held, Bytes activations,
                  const LayerWorkspace& layer) {
  const HeldParameters held{.all = rank_parameters(scenario, stages_held),
                            .learning = learning_parameters(scenario, stages_held)};
  const Shares shares = shares_of(scenario, held.all, schedule.parameter_copies);
  const Shares learned = updated_shares(scenario, held, schedule.parameter_copies);
  const LedgerBytes bytes =
      ledger_bytes(scenario, held, schedule.parameter_copies, activations, layer);
  const MemoryPlan& plan = scenario.memory;
  const int zero = scenario.parallelism.zero_stage;
  const double linear = element_bytes(scenario.precision);
  const double state = plan.master_bytes + plan.moment_bytes;
  const auto whose = [&](int from) { return zero >= from ? "this rank's shard of them" : "them"; };
  return {
      .rank = rank,
      .total = total(bytes),
      .parts = {
          {"weights", bytes.weights,
           fmt::format("{:.2f} G parameters in {} stage(s), {} B, embedding and head 2 B{}",
                       shares.whole / 1e9, stages_held.size(), linear,
                       zero >= 3 ? "; this rank's shard" : "")},
          {"gradients", bytes.gradients,
           fmt::format("{} B for each of {}", plan.gradient_bytes, whose(2))},
          {"optimizer state", bytes.optimizer,
           zero >= 1
               ? fmt::format("{:.2f} G parameters of this rank's shard (ZeRO-{}: experts over "
                             "{:.0f} replicas, others over {:.0f}), {} B",
                             learned.shard / 1e9, zero, learned.expert_replicas, learned.replicas,
                             state)
               : fmt::format("{} B for each of them, on every replica", state)},
          {"activations", bytes.activations,
           "chunks in flight at the fullest moment of the schedule"},
          {"workspace", bytes.workspace,
           "the layer that runs: expanded rows of both directions, what is computed or gathered "
           "again"},
          {"fragmentation", bytes.fragmentation,
           fmt::format("{:.0f} % of the activations", 100 * plan.fragmentation)},
          {"reserved", bytes.reserved, "CUDA context, NCCL and libraries"}}};
}

}  // namespace

std::vector<MemoryPart> kept_activations(const Architecture& model, const Layer& layer,
                                         const Scenario& scenario) {
  const Keeping keeping = keeping_of(scenario);
  if (keeping.shape.recompute == Recompute::kFull) {
    return {{"layer input",
             {2 * keeping.own * static_cast<double>(model.hidden)},
             "residual stream, BF16: the rest is computed again"}};
  }
  return layer_activations(layer, keeping);
}

std::vector<RankMemory> memory(const Scenario& scenario, const ScheduleKind& schedule,
                               int micro_batches) {
  const ScheduleShape shape = schedule_shape(scenario, schedule, micro_batches);
  const std::vector<Stage> all = stages(scenario);
  std::vector<Bytes> activations;
  for (const Stage& stage : all) activations.push_back(stage_activations(scenario, stage));
  const std::vector<RankSlots> slots = schedule.slots(shape);
  const LayerWorkspace layer = layer_workspace(scenario);
  std::vector<RankMemory> ranks;
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    ranks.push_back(ledger(scenario, schedule, rank, stages_of_rank(schedule, shape, rank),
                           peak_activations(slots[static_cast<std::size_t>(rank)], activations),
                           layer));
  }
  return ranks;
}

}  // namespace windtunnel
