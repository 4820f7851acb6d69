#include "simulator/workload/parallelism/degrees.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "simulator/workload/rejection.h"

namespace windtunnel {
namespace {

/// Degrees of one kind have to divide a number of the model.
void divide(const Node& root, std::string_view key, int degree, std::int64_t number,
            std::string_view what) {
  if (number % degree == 0) return;
  reject(root, key, fmt::format("{} {} cannot be divided over {} GPUs", number, what, degree),
         "a divisor such as " + divisors_near(number, degree));
}

void check_attention(const Node& root, const Mla& mla, const Degrees& degrees) {
  divide(root, "parallelism.tensor", degrees.tensor, mla.heads, "heads");
}

/// Key heads that are fewer than the GPUs are copied, evenly.
void check_attention(const Node& root, const Gqa& gqa, const Degrees& degrees) {
  divide(root, "parallelism.tensor", degrees.tensor, gqa.heads, "heads");
  if (degrees.tensor % gqa.kv_heads == 0) return;
  divide(root, "parallelism.tensor", degrees.tensor, gqa.kv_heads, "key heads");
}

void check_feed_forward(const Node& root, const Dense& dense, const Degrees& degrees) {
  divide(root, "parallelism.tensor", degrees.tensor, dense.intermediate, "channels of SwiGLU");
}

void check_feed_forward(const Node& root, const Moe& moe, const Degrees& degrees) {
  divide(root, "parallelism.expert", degrees.expert, moe.routed_experts, "experts");
  divide(root, "parallelism.expert_tensor", degrees.expert_tensor, moe.intermediate,
         "channels of an expert");
  divide(root, "parallelism.tensor", degrees.tensor, moe.shared_experts * moe.intermediate,
         "channels of shared experts");
  if (degrees.tensor > 1 && !degrees.sequence_parallel) {
    reject(root, "parallelism.sequence_parallel",
           "tensor ranks would all dispatch the same tokens to their experts", "true");
  }
}

std::int64_t heads_of(const Layer& layer) {
  return std::visit([](const auto& kind) { return kind.heads; }, layer.attention);
}

void check_model(const Node& root, const Scenario& scenario) {
  const Degrees& degrees = scenario.parallelism;
  for (const std::vector<Layer>* layers : {&scenario.model.layers, &scenario.model.mtp}) {
    for (const Layer& layer : *layers) {
      std::visit([&](const auto& kind) { check_attention(root, kind, degrees); }, layer.attention);
      std::visit([&](const auto& kind) { check_feed_forward(root, kind, degrees); },
                 layer.feed_forward);
      divide(root, "parallelism.context", degrees.context,
             heads_of(layer) / degrees.tensor * scenario.batch.micro_batch,
             "heads and sequences of a tensor rank, whose scores are shared,");
    }
  }
  const std::int64_t tokens =
      std::int64_t{scenario.batch.sequence_length} * scenario.batch.micro_batch;
  divide(root, "parallelism.context", degrees.context, tokens, "tokens of a micro-batch");
  if (degrees.sequence_parallel) {
    divide(root, "parallelism.tensor", degrees.tensor, tokens / degrees.context,
           "tokens of a context rank");
  }
}

/// The GPUs of a group lie in one node, or fill whole ones.
void check_nodes(const Node& root, std::string_view key, std::int64_t gpus, int node) {
  if (gpus % node == 0 || node % gpus == 0) return;
  reject(root, key, fmt::format("{} GPUs that share a layer fill no whole nodes of {}", gpus, node),
         fmt::format("a multiple or a divisor of {}", node));
}

void check_sharding(const Node& root, const Scenario& scenario) {
  const Degrees& degrees = scenario.parallelism;
  if (!degrees.shard_group) return;
  if (degrees.zero_stage < 3) {
    reject(root, "parallelism.shard_group", "parameters are sharded from zero_stage 3 on",
           "zero_stage = 3, or no shard_group");
  }
  divide(root, "parallelism.shard_group", *degrees.shard_group, data_ranks(scenario), "data ranks");
}

}  // namespace

void check_degrees(const Node& root, const Scenario& scenario) {
  const Degrees& degrees = scenario.parallelism;
  const int gpus = gpu_count(scenario.cluster);
  const auto fit = [&](std::string_view key, int value, std::int64_t others) {
    const std::int64_t left = std::max<std::int64_t>(1, gpus / others);
    if (others <= gpus && gpus % others == 0 && left % value == 0) return;
    reject(root, key,
           fmt::format("{} {} ranks x {} others do not divide {} GPUs", value,
                       key.substr(key.find('.') + 1), others, gpus),
           "a divisor such as " + divisors_near(static_cast<int>(left), value));
  };
  if (gpus % degrees.pipeline != 0) {
    reject(root, "parallelism.pipeline",
           fmt::format("{} pipeline ranks do not divide {} GPUs", degrees.pipeline, gpus),
           "a divisor such as " + divisors_near(gpus, degrees.pipeline));
  }
  fit("parallelism.tensor", degrees.tensor, degrees.pipeline);
  fit("parallelism.context", degrees.context, std::int64_t{degrees.pipeline} * degrees.tensor);
  const int stage = gpus / degrees.pipeline;
  const std::int64_t expert = std::int64_t{degrees.expert} * degrees.expert_tensor;
  if (expert > stage || stage % expert != 0) {
    reject(root, "parallelism.expert",
           degrees.expert_tensor == 1 && gpus_per_data_rank(scenario) == 1
               ? fmt::format("{} expert ranks do not divide {} data-parallel ranks", degrees.expert,
                             stage)
               : fmt::format("{} x {} expert ranks do not divide a pipeline rank's {} GPUs",
                             degrees.expert, degrees.expert_tensor, stage),
           "a divisor such as " +
               divisors_near(std::max(1, stage / degrees.expert_tensor), degrees.expert));
  }
  const int node = scenario.cluster.gpus_per_node;
  if (expert % node != 0 && node % expert != 0) {
    reject(root, "parallelism.expert",
           fmt::format("{} expert ranks fill no whole nodes of {} GPUs", expert, node),
           fmt::format("a multiple or a divisor of {}", node));
  }
  check_nodes(root, "parallelism.tensor", degrees.tensor, node);
  check_nodes(root, "parallelism.context", gpus_per_data_rank(scenario), node);
  check_sharding(root, scenario);
  check_model(root, scenario);
}

}  // namespace windtunnel
