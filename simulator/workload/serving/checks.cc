#include "simulator/workload/serving/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "simulator/base/error.h"
#include "simulator/workload/assumption_fields.h"
#include "simulator/workload/rejection.h"

namespace windtunnel {
namespace {

/// The same of a unit of `gpus`, which are whole groups of `tensor`.
std::string tensor_problem(const Architecture& model, int gpus, int tensor) {
  if (gpus % tensor != 0) {
    return fmt::format("{} GPUs do not divide into groups of {}", gpus, tensor);
  }
  for (const Layer& layer : model.layers) {
    std::string problem = head_problem(layer, tensor);
    if (!problem.empty()) return problem;
  }
  return "";
}

void check_attention(const Node& root, const std::string& table, const ServingScenario& scenario,
                     const ServingUnit& unit) {
  const std::string problem = tensor_problem(scenario.model, unit.gpus, unit.tensor);
  if (problem.empty()) return;
  const auto works = [&](int tensor) {
    return tensor_problem(scenario.model, unit.gpus, tensor).empty();
  };
  int below = std::min(unit.tensor, unit.gpus);
  while (!works(below)) --below;  // one always does
  int above = unit.tensor;
  while (above <= unit.gpus && !works(above)) ++above;
  reject(root, table + ".tensor", problem,
         above > unit.gpus ? fmt::format("such as {}", below)
                           : fmt::format("such as {} or {}", below, above));
}

const Moe* experts_of(const Architecture& model) {
  for (const Layer& layer : model.layers) {
    if (const Moe* moe = std::get_if<Moe>(&layer.feed_forward)) return moe;
  }
  return nullptr;
}

void check_dense(const Node& root, const std::string& table, const ServingScenario& scenario,
                 const ServingUnit& unit) {
  const std::string only = fmt::format("{} has no experts to ", scenario.model.name);
  if (unit.expert != 1) reject(root, table + ".expert", only + "divide", "1");
  if (unit.redundant_experts != 0) reject(root, table + ".redundant_experts", only + "copy", "0");
  if (groups_of(unit) != 1) {
    reject(root, table + ".tensor",
           "attention groups of a dense model share nothing: they are units of their own",
           fmt::format("{}, or {}.gpus = {} and a larger {}.count", unit.gpus, table, unit.tensor,
                       table));
  }
}

void check_experts(const Node& root, const std::string& table, const Moe& moe,
                   const ServingUnit& unit) {
  if (groups_of(unit) > 1 && unit.expert != unit.gpus) {
    reject(root, table + ".expert", "several attention groups share the experts of all GPUs",
           fmt::format("{}", unit.gpus));
  }
  if (unit.expert > unit.gpus || unit.gpus % unit.expert != 0) {
    reject(root, table + ".expert",
           fmt::format("{} expert ranks do not divide {} GPUs", unit.expert, unit.gpus),
           "a divisor such as " + divisors_near(unit.gpus, unit.expert));
  }
  const std::int64_t slots = moe.routed_experts + unit.redundant_experts;
  if (slots % unit.expert != 0) {
    const std::int64_t next = (slots / unit.expert + 1) * unit.expert - moe.routed_experts;
    reject(root, table + ".redundant_experts",
           fmt::format("{} experts and {} copies cannot be divided over {} ranks",
                       moe.routed_experts, unit.redundant_experts, unit.expert),
           fmt::format("such as {}", next));
  }
  const std::int64_t experts = moe.routed_experts + (unit.shared_routed ? moe.shared_experts : 0);
  if (slots > experts * unit.expert) {
    reject(
        root, table + ".redundant_experts",
        fmt::format("{} expert ranks with all {} experts hold fewer copies", unit.expert, experts),
        fmt::format("up to {}", experts * unit.expert - moe.routed_experts));
  }
}

void check_shared(const Node& root, const std::string& table, const Moe* moe,
                  const ServingUnit& unit) {
  if (!unit.shared_routed) return;
  const std::int64_t shared = moe == nullptr ? 0 : moe->shared_experts;
  if (shared > 0 && unit.redundant_experts >= shared && groups_of(unit) > 1) return;
  reject(root, table + ".shared_routed",
         "a shared expert is dispatched to only among copies, by several attention groups",
         "false");
}

void check_unit(const Node& root, const std::string& table, const ServingScenario& scenario,
                const ServingUnit& unit) {
  check_attention(root, table, scenario, unit);
  const Moe* moe = experts_of(scenario.model);
  if (moe == nullptr) {
    check_dense(root, table, scenario, unit);
  } else {
    check_experts(root, table, *moe, unit);
  }
  check_shared(root, table, moe, unit);
  if (unit.micro_batches > 1 && groups_of(unit) == 1) {
    reject(root, table + ".micro_batches", "one attention group dispatches nothing to hide", "1");
  }
  const int node = scenario.cluster.gpus_per_node;
  if (unit.gpus % node != 0 && node % unit.gpus != 0) {
    reject(root, table + ".gpus", fmt::format("{} GPUs fill no whole nodes of {}", unit.gpus, node),
           fmt::format("a multiple or a divisor of {}", node));
  }
  if (unit.tensor % node != 0 && node % unit.tensor != 0) {
    reject(root, table + ".tensor",
           fmt::format("{} GPUs fill no whole nodes of {}", unit.tensor, node),
           fmt::format("a multiple or a divisor of {}", node));
  }
}

/// Iterations are those of rotated positions, RMS norms and SwiGLU.
void check_layers(const Node& root, const Architecture& model) {
  bool other = model.norm != Norm::kRms || model.learned_positions > 0;
  for (const Layer& layer : model.layers) {
    const auto* gqa = std::get_if<Gqa>(&layer.attention);
    const auto* dense = std::get_if<Dense>(&layer.feed_forward);
    other |= gqa != nullptr && (!gqa->rotary || gqa->output_bias);
    other |= dense != nullptr && (dense->activation != Activation::kSwiglu || dense->bias);
  }
  if (!other) return;
  reject(root, "model", model.name + " is not served here: GPT's layers are only trained",
         "a model with RMS norms, rotated positions and SwiGLU, without biases of outputs");
}

void check_room(const Node& root, const ServingScenario& scenario) {
  const std::int64_t there = gpu_count(scenario.cluster);
  std::int64_t needed = std::int64_t{scenario.unit.gpus} * scenario.unit.count;
  if (const auto& prefill = scenario.prefill_unit) {
    needed += std::int64_t{prefill->gpus} * prefill->count;
  }
  if (needed <= there) return;
  reject(root, "unit.gpus", fmt::format("{} GPUs in all, the cluster has {}", needed, there),
         fmt::format("at most {}", there));
}

void check_formats(const Node& root, const ServingScenario& scenario) {
  const Gpu& gpu = scenario.cluster.gpu;
  if (gpu.fp8_peak) return;
  const std::string message = gpu.name + " has no FP8 tensor cores";
  if (scenario.weights == WeightFormat::kFp8) {
    reject(root, "precision.weights", message, "\"bf16\", \"int8\" or \"int4\"");
  }
  if (scenario.cache == CacheFormat::kFp8) reject(root, "precision.cache", message, "\"bf16\"");
}

/// More than this would take hours to simulate.
void check_size(const Node& root, const ServingScenario& scenario) {
  constexpr double kMostChunks = 1e8;
  const RequestPlan& plan = scenario.requests;
  const double chunks = 1 + plan.prompt.mean / static_cast<double>(scenario.batching.chunk);
  if (static_cast<double>(plan.count) * chunks <= kMostChunks) return;
  reject(root, "requests.count",
         fmt::format("{} requests of {:.0f} chunks each are too many", plan.count, chunks),
         fmt::format("at most {:.0f}, or a larger batching.chunk", kMostChunks / chunks));
}

}  // namespace

Fields<ServingAssumptions> serving_assumption_fields() {
  using All = ServingAssumptions;
  const auto number = [](const char* name, double low, double high) {
    return assumption_fields<double>(name, between(low, high));
  };
  const auto seconds = [](const char* name) {
    return assumption_fields<Seconds>(name, between(Seconds{0}, Seconds{10}));
  };
  const auto bytes = [](const char* name) {
    return assumption_fields<Bytes>(name, between(Bytes{0}, Bytes{1e12}));
  };
  return Fields<All>("assumptions")
      .table("mtp_acceptance", &All::mtp_acceptance, number("mtp_acceptance", 0, 1),
             "that a draft token is accepted")
      .table("expert_load", &All::expert_load, number("expert_load", 1, 1024),
             "rows of the fullest expert rank over their mean")
      .table("prefix_hits", &All::prefix_hits, number("prefix_hits", 0, 0.999),
             "share of prompt tokens found in the cache")
      .table("launch_gap", &All::launch_gap, seconds("launch_gap"),
             "idle time between two kernels of a stream")
      .table("iteration_gap", &All::iteration_gap, seconds("iteration_gap"),
             "idle time between two iterations")
      .table("reserved", &All::reserved, bytes("reserved"),
             "CUDA context, libraries and the framework on a GPU")
      .table("buffers", &All::buffers, bytes("buffers"),
             "of collectives and expert transfers on a GPU")
      .table("fragmentation", &All::fragmentation, number("fragmentation", 0, 1),
             "memory lost to the allocator, as a share of activations")
      .table("score_bytes", &All::score_bytes, number("score_bytes", 0, 64),
             "held for each score of eager attention");
}

std::string head_problem(const Layer& layer, int tensor) {
  const std::int64_t heads =
      std::visit([](const auto& attention) { return attention.heads; }, layer.attention);
  if (heads % tensor != 0) {
    return fmt::format("{} heads cannot be divided over {} GPUs", heads, tensor);
  }
  const auto* gqa = std::get_if<Gqa>(&layer.attention);
  if (gqa == nullptr || gqa->kv_heads % tensor == 0 || tensor % gqa->kv_heads == 0) return "";
  return fmt::format("{} key heads cannot be divided over {} GPUs", gqa->kv_heads, tensor);
}

void check_serving(const Node& root, const ServingScenario& scenario) {
  check_layers(root, scenario.model);
  check_room(root, scenario);
  check_unit(root, "unit", scenario, scenario.unit);
  if (scenario.prefill_unit) check_unit(root, "prefill_unit", scenario, *scenario.prefill_unit);
  check_formats(root, scenario);
  check_size(root, scenario);
  if (scenario.mtp.depth > static_cast<int>(scenario.model.mtp.size())) {
    reject(
        root, "mtp.depth",
        fmt::format("{} has {} prediction modules", scenario.model.name, scenario.model.mtp.size()),
        fmt::format("at most {}", scenario.model.mtp.size()));
  }
  if (scenario.memory.image_tiles > 0 && !scenario.model.vision) {
    reject(root, "memory.image_tiles", scenario.model.name + " sees no images", "0");
  }
  if (!scenario.cluster.failed_nics.empty()) {
    throw ConfigError(scenario.cluster.failed_nics_at,
                      "a deployment is simulated by GPUs that are alike, with their NICs",
                      "a cluster without failed_nics");
  }
  if (scenario.communication.sms >= scenario.cluster.gpu.sms) {
    reject(root, "communication.sms",
           fmt::format("leaves no SM of {} for compute", scenario.cluster.gpu.name),
           fmt::format("fewer than {}", scenario.cluster.gpu.sms));
  }
}

void settle_serving_assumptions(const Node& root, ServingScenario& scenario) {
  ServingAssumptions& all = scenario.assumptions;
  settle(root, "mtp_acceptance", all.mtp_acceptance);
  settle(root, "expert_load", all.expert_load);
  settle(root, "prefix_hits", all.prefix_hits);
  settle(root, "launch_gap", all.launch_gap);
  settle(root, "iteration_gap", all.iteration_gap);
  settle(root, "reserved", all.reserved);
  settle(root, "buffers", all.buffers);
  settle(root, "fragmentation", all.fragmentation);
  settle(root, "score_bytes", all.score_bytes);
}

}  // namespace windtunnel
