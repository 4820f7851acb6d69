#include "simulator/workload/step_pricing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "simulator/base/error.h"
#include "simulator/model/parameters.h"
#include "simulator/model/vision_ops.h"
#include "simulator/workload/group_price.h"
#include "simulator/workload/kernel_price.h"
#include "simulator/workload/link_price.h"
#include "simulator/workload/overlap_price.h"
#include "simulator/workload/stages.h"
#include "simulator/workload/transfer_price.h"
#include "simulator/workload/update_price.h"

namespace windtunnel {
namespace {

struct Pricing {
  const Scenario& scenario;
  const PriceBook& book;
  LayerShape shape;
  int sms_paired;
  int sms_alone;
  bool language_learns;
};

Pricing pricing_of(const Scenario& scenario, const PriceBook& book) {
  return {.scenario = scenario,
          .book = book,
          .shape = layer_shape(scenario),
          .sms_paired = scenario.cluster.gpu.sms - scenario.communication.sms,
          .sms_alone = scenario.assumptions.sms_alone.value,
          .language_learns = language_learns(scenario)};
}

bool is_weight_phase(Phase phase) {
  return phase == Phase::kMlpWeight || phase == Phase::kAttentionWeight;
}

/// A block that does not learn has no weight gradients.
PricedBlock priced_block(const Pricing& pricing, std::string name, const std::vector<LayerOp>& ops,
                         bool learns) {
  PricedBlock block{.name = std::move(name),
                    .layer = false,
                    .routed = false,
                    .kernels = {},
                    .transfers = {},
                    .collectives = {},
                    .shard = {}};
  const Gpu& gpu = pricing.scenario.cluster.gpu;
  for (const LayerOp& op : ops) {
    if (!learns && is_weight_phase(op.phase)) continue;
    const Price paired = kernel_price(pricing.book, gpu, op.kernel, pricing.sms_paired);
    block.kernels.push_back(
        {op,
         {.paired = beside_transfer(pricing.book, pricing.scenario, op, pricing.sms_paired, paired),
          .alone = kernel_price(pricing.book, gpu, op.kernel, pricing.sms_alone)}});
  }
  return block;
}

constexpr Phase kTransferPhases[] = {Phase::kDispatchForward, Phase::kCombineForward,
                                     Phase::kCombineBackward, Phase::kDispatchBackward};

void add_collectives(PricedBlock& block, const Pricing& pricing, const std::vector<SequenceOp>& ops,
                     bool context) {
  const Scenario& scenario = pricing.scenario;
  const Degrees& degrees = scenario.parallelism;
  for (const SequenceOp& op : ops) {
    const GpuGroup group{.ranks = static_cast<int>(op.op.kernel.groups),
                         .stride = context ? degrees.tensor : 1};
    GroupPrice price = group_price(pricing.book, scenario.cluster, op.op.kernel, group);
    block.collectives.push_back({.op = op,
                                 .context = context,
                                 .price = std::move(price.price),
                                 .scale_out = price.scale_out});
  }
}

PricedBlock priced_layer(const Pricing& pricing, const std::string& name, const Layer& layer) {
  const Architecture& model = pricing.scenario.model;
  PricedBlock block =
      priced_block(pricing, name, layer_ops(model, layer, pricing.shape), pricing.language_learns);
  block.layer = true;
  block.shard = priced_shard(pricing.scenario, layer_parameters(pricing.scenario, layer));
  add_collectives(block, pricing, tensor_ops(model, layer, pricing.shape), false);
  add_collectives(block, pricing, context_ops(layer, pricing.shape), true);
  const auto* moe = std::get_if<Moe>(&layer.feed_forward);
  const std::vector<LayerOp> transfers = communication_ops(model, layer, pricing.shape);
  if (moe == nullptr || transfers.empty()) return block;
  block.routed = true;
  const ExpertTraffic traffic = traffic_of(pricing.scenario, *moe);
  const auto hidden = static_cast<int>(model.hidden);
  const auto tokens = static_cast<double>(own_rows(pricing.shape));
  for (const Phase phase : kTransferPhases) {
    std::vector<LayerOp> own;
    std::copy_if(transfers.begin(), transfers.end(), std::back_inserter(own),
                 [phase](const LayerOp& op) { return op.phase == phase; });
    const bool outward = transfer_class(phase) == ErrorClass::kDispatch;
    const bool narrow = outward && pricing.scenario.precision == Dtype::kFp8;
    const HopBytes bytes =
        dispatch_bytes(traffic, tokens, narrow ? fp8_row(hidden) : bf16_row(hidden));
    block.transfers.push_back({.phase = phase,
                               .name = std::string(phase_name(phase)),
                               .price = transfer_prices(pricing.book, pricing.scenario, *moe, own),
                               .scale_out = bytes.scale_out});
  }
  return block;
}

/// Layers that cost the same are priced once.
class BlockList {
 public:
  explicit BlockList(const Pricing& pricing) : pricing_(pricing) {}

  int layer(const Layer& layer) {
    const auto key = layer_key(layer);
    const auto found = layers_.find(key);
    if (found != layers_.end()) return found->second;
    const bool moe = std::holds_alternative<Moe>(layer.feed_forward);
    const int index = add(priced_layer(pricing_, moe ? "MoE layer" : "dense layer", layer));
    layers_.emplace(key, index);
    return index;
  }

  int vision_layer(PricedBlock block) {
    if (!vision_layer_) vision_layer_ = add(std::move(block));
    return *vision_layer_;
  }

  int add(PricedBlock block) {
    blocks.push_back(std::move(block));
    return static_cast<int>(blocks.size()) - 1;
  }

  std::vector<PricedBlock> blocks;

 private:
  static std::vector<std::int64_t> layer_key(const Layer& layer) {
    std::vector<std::int64_t> key{static_cast<std::int64_t>(layer.attention.index()),
                                  static_cast<std::int64_t>(layer.feed_forward.index())};
    if (const auto* mla = std::get_if<Mla>(&layer.attention)) {
      key.insert(key.end(), {mla->heads, mla->q_lora_rank, mla->kv_lora_rank, mla->nope_dim,
                             mla->rope_dim, mla->value_dim});
    } else {
      const Gqa& gqa = std::get<Gqa>(layer.attention);
      key.insert(key.end(), {gqa.heads, gqa.kv_heads, gqa.head_dim, gqa.qkv_bias ? 1 : 0,
                             gqa.output_bias ? 1 : 0, gqa.rotary ? 1 : 0});
    }
    if (const auto* moe = std::get_if<Moe>(&layer.feed_forward)) {
      key.insert(key.end(), {moe->routed_experts, moe->shared_experts, moe->top_k,
                             moe->intermediate, moe->groups, moe->top_groups, moe->node_limit,
                             static_cast<std::int64_t>(moe->scoring)});
    } else {
      const Dense& dense = std::get<Dense>(layer.feed_forward);
      key.insert(key.end(), {dense.intermediate, static_cast<std::int64_t>(dense.activation),
                             dense.bias ? 1 : 0});
    }
    return key;
  }

  const Pricing& pricing_;
  std::map<std::vector<std::int64_t>, int> layers_;
  std::optional<int> vision_layer_;
};

/// The encoder's part of a stage; its layers cost the same and are priced once.
void add_vision(const Pricing& pricing, BlockList& blocks, const Stage& stage,
                std::vector<int>& list) {
  const Architecture& model = pricing.scenario.model;
  const VisionShape shape{.tiles = vision_tiles(pricing.scenario),
                          .recompute = pricing.shape.recompute};
  if (!model.vision || shape.tiles == 0) return;
  const Vision& vision = *model.vision;
  if (stage.patches) {
    list.push_back(blocks.add(priced_block(pricing, "patches", patch_ops(vision, shape), true)));
  }
  if (stage.vision_layers > 0) {
    const int layer = blocks.vision_layer(
        priced_block(pricing, "vision layer", vision_layer_ops(vision, shape), true));
    list.insert(list.end(), static_cast<std::size_t>(stage.vision_layers), layer);
  }
  if (stage.adaptor) {
    list.push_back(blocks.add(
        priced_block(pricing, "adaptor", adaptor_ops(vision, model.hidden, shape), true)));
  }
}

std::vector<std::vector<int>> priced_stages(const Pricing& pricing, BlockList& blocks) {
  const Architecture& model = pricing.scenario.model;
  std::vector<std::vector<int>> lists;
  PricedBlock table = priced_block(pricing, "embedding", embedding_ops(model, pricing.shape),
                                   pricing.language_learns);
  add_collectives(table, pricing, embedding_tensor_ops(model, pricing.shape), false);
  table.shard = priced_shard(pricing.scenario, vocabulary_parameters(pricing.scenario));
  const int embedding = blocks.add(std::move(table));
  for (const Stage& stage : stages(pricing.scenario)) {
    std::vector<int> list;
    add_vision(pricing, blocks, stage, list);
    if (stage.embedding) list.push_back(embedding);
    for (int layer = stage.first_layer; layer < stage.first_layer + stage.layers; ++layer) {
      list.push_back(blocks.layer(model.layers[static_cast<std::size_t>(layer)]));
    }
    if (stage.heads) {
      PricedBlock logits = priced_block(pricing, "output head", head_ops(model, pricing.shape),
                                        pricing.language_learns);
      add_collectives(logits, pricing, head_tensor_ops(model, pricing.shape), false);
      logits.shard = priced_shard(pricing.scenario, vocabulary_parameters(pricing.scenario));
      const int head = blocks.add(std::move(logits));
      list.push_back(head);
      for (const Layer& layer : model.mtp) {
        list.push_back(embedding);  // of the tokens to predict
        list.push_back(blocks.add(priced_block(
            pricing, "MTP projection", mtp_ops(model, pricing.shape), pricing.language_learns)));
        list.push_back(blocks.layer(layer));
        list.push_back(head);
      }
    }
    lists.push_back(std::move(list));
  }
  return lists;
}

/// The most that the switches add between two neighbouring pipeline ranks of `gpus` GPUs.
Seconds farthest_neighbour(const Cluster& cluster, int gpus) {
  Seconds most{0};
  for (int gpu = 0; gpu + gpus < gpu_count(cluster); ++gpu) {
    if (&path(cluster, gpu, gpu + gpus) == &cluster.scale_up) continue;
    most = std::max(most, further_latency(*cluster.fabric, cluster.gpus_per_node, gpu, gpu + gpus));
  }
  return most;
}

/// Activations of a micro-batch, BF16, to the rank of the next stage. All hops take the slower link
/// if any of them leaves a node: then neighbouring ranks do, whichever ranks the schedule joins.
PricedSend priced_send(const Scenario& scenario) {
  const Cluster& cluster = scenario.cluster;
  const int gpus = gpu_count(cluster) / scenario.parallelism.pipeline;
  bool leaves = false;
  for (int rank = 0; rank + 1 < scenario.parallelism.pipeline; ++rank) {
    leaves = leaves || &path(cluster, rank * gpus, (rank + 1) * gpus) == &cluster.scale_out;
  }
  const Link& link = leaves ? cluster.scale_out : cluster.scale_up;
  const Bytes bytes{scenario.parallelism.pipeline == 1
                        ? 0
                        : 2.0 * static_cast<double>(own_rows(layer_shape(scenario))) *
                              static_cast<double>(scenario.model.hidden)};
  Seconds time = bytes / link.effective + link.latency;
  if (leaves && cluster.fabric) time += farthest_neighbour(cluster, gpus);
  return {.price = link_price(link, time, "pipeline send"), .scale_out = leaves ? bytes : Bytes{0}};
}

}  // namespace

ErrorClass transfer_class(Phase phase) {
  const bool outward = phase == Phase::kDispatchForward || phase == Phase::kCombineBackward;
  return outward ? ErrorClass::kDispatch : ErrorClass::kCombine;
}

ErrorClass error_class(const KernelShape& kernel) {
  switch (kernel.operation) {
    case Operation::kGemm:
    case Operation::kBatchedGemm:
      return ErrorClass::kLinear;
    case Operation::kGroupedGemm:
    case Operation::kMaskedGemm:
      return ErrorClass::kExperts;
    case Operation::kWeightGradient:
    case Operation::kGroupedWeightGradient:
      return ErrorClass::kWeightGradients;
    case Operation::kAttentionForward:
      return ErrorClass::kAttentionForward;
    case Operation::kAttentionBackward:
    case Operation::kAttentionBackwardPre:
    case Operation::kAttentionBackwardPost:
      return ErrorClass::kAttentionBackward;
    case Operation::kSmall:
      return ErrorClass::kSmall;
    case Operation::kAdam:
    case Operation::kAdamPasses:
      return ErrorClass::kUpdate;
    default:
      return ErrorClass::kMemoryBound;
  }
}

namespace {

/// All chunks of a pipeline one after another.
Seconds serial_time(const Scenario& scenario, const PricedStep& priced) {
  Seconds chunk{0};
  for (const std::vector<int>& stage : priced.stages) {
    for (const int index : stage) {
      const PricedBlock& block = priced.blocks[static_cast<std::size_t>(index)];
      for (const PricedKernel& kernel : block.kernels) {
        chunk += kernel.price.alone.time * kernel.op.launches;
      }
      for (const PricedTransfer& transfer : block.transfers) chunk += transfer.price.paired.time;
      for (const PricedCollective& collective : block.collectives) chunk += collective.price.time;
      if (block.shard) chunk += block.shard->gather.time * 2 + block.shard->reduce.time;
    }
  }
  return chunk * micro_batches(scenario, scenario.batch.sequences);
}

/// The simulator's clock ends after 53 days, far beyond any real step.
void check_length(const Scenario& scenario, const PricedStep& priced) {
  constexpr Seconds kLongest{1e6};
  const Seconds time = serial_time(scenario, priced);
  if (time <= kLongest) return;
  throw ConfigError(scenario.cluster_at,
                    fmt::format("{:.3g} s of work in a step of one pipeline", time.value),
                    fmt::format("a scenario of up to {:.3g} s", kLongest.value));
}

PricedStep priced_blocks(const Scenario& scenario, const PriceBook& book) {
  const Pricing pricing = pricing_of(scenario, book);
  BlockList blocks(pricing);
  PricedStep priced{.blocks = {},
                    .stages = priced_stages(pricing, blocks),
                    .send = priced_send(scenario),
                    .update = {}};
  priced.blocks = std::move(blocks.blocks);
  check_length(scenario, priced);
  return priced;
}

PricedStep price_all(const Scenario& scenario, const PriceBook& book,
                     const ScheduleKind& schedule) {
  PricedStep priced = priced_blocks(scenario, book);
  if (scenario.kind == ScenarioKind::kOverlappedPair) return priced;
  const ScheduleShape shape =
      schedule_shape(scenario, schedule, micro_batches(scenario, scenario.batch.sequences));
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    priced.update.push_back(priced_update(scenario, book, schedule, shape, rank));
  }
  return priced;
}

template <typename Prices>
PricedStep or_config_error(const Scenario& scenario, Prices prices) {
  try {
    return prices();
  } catch (const std::invalid_argument& error) {
    throw ConfigError(scenario.cluster_at,
                      fmt::format("{} cannot be priced for this scenario: {}",
                                  scenario.cluster.gpu.name, error.what()),
                      "a cluster of GPUs with measurements for the scenario's kernels");
  }
}

}  // namespace

PricedStep price_step(const Scenario& scenario, const PriceBook& book,
                      const ScheduleKind& schedule) {
  return or_config_error(scenario, [&] { return price_all(scenario, book, schedule); });
}

PricedStep price_blocks(const Scenario& scenario, const PriceBook& book) {
  return or_config_error(scenario, [&] { return priced_blocks(scenario, book); });
}

}  // namespace windtunnel
