// A made-up projection of a deployment with every part of it set.
#pragma once

#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

inline UnitMemory invented_memory() {
  return {.unit = "unit",
          .total = {70e9},
          .low = {68e9},
          .high = {73e9},
          .capacity = {80e9},
          .fits = true,
          .weights = {60e9},
          .cache_per_token = {70272},
          .max_tokens = 100000,
          .parts = {{"routed expert weights", {60e9}, "32 experts a layer"},
                    {"KV cache", {6e9}, "85000 tokens"},
                    {"reserved", {4e9}, "CUDA context"}}};
}

inline IterationProjection invented_iteration(const std::string& name) {
  const Price price{
      {1e-4}, {0.8e-4}, {1.3e-4}, Provenance(Basis::kMeasured, "an invented table", false)};
  return {.name = name,
          .requests = name == "decode" ? 64.0 : 0.0,
          .prompt_tokens = name == "decode" ? 0.0 : 4096.0,
          .context = 2304,
          .time = {0.02},
          .compute = {0.018},
          .transfers = {0.004},
          .hidden_fraction = 0.5,
          .terms = {{"MoE layer", "product 64 x 7168 x 2048", 58, price, 1, false,
                     ServingStage::kAttention, 58},
                    {"MoE layer", "all-reduce of 917504 B on 8 GPUs", 58, price, 1, true,
                     ServingStage::kDispatch, 58}},
          .micro_batches = 1,
          .launch_gap = {0}};
}

/// Times are `slow` times as long.
inline QueueProjection invented_load(double slow) {
  return {.requests = 2000,
          .refused = 1,
          .span_s = 800,
          .requests_per_s = 2.5,
          .output_tokens_per_s_per_gpu = 160,
          .usd_per_million_output_tokens = 3.5,
          .ttft_s = {0.2 * slow, 0.1 * slow, 0.4 * slow, 0.9 * slow},
          .tpot_s = {0.03 * slow, 0.02 * slow, 0.04 * slow, 0.05 * slow},
          .batch_mean = 30,
          .cache_tokens_mean = 70000,
          .cache_tokens_peak = 90000,
          .queue_mean = 0.1,
          .queue_peak = 3,
          .busy_fraction = 0.9,
          .handover_s = 0};
}

inline ServingProjection small_deployment() {
  const Interval rate{1000, 900, 1200};
  return {.scenario = {.path = "a.toml",
                       .name = "A model on 8 GPUs",
                       .model = "Model",
                       .gpu = "GPU",
                       .weights = "fp8",
                       .cache = "bf16",
                       .gpus = 8,
                       .units = {{"unit", 8, 1, 8, 1, 8, 0, 1}}},
          .memory = {invented_memory()},
          .fits_on = {{"GPU", 8}, {"Small GPU", std::nullopt}, {"Large GPU", 1}},
          .kv_bytes_per_token = 70272,
          .max_tokens_in_cache = 100000,
          .checkpoint_bytes = 688e9,
          .unpriced = "",
          .rates = ServingRates{.prefill_tokens_per_s_per_gpu = rate,
                                .decode_tokens_per_s_per_gpu = rate,
                                .ttft_s = {0.1, 0.09, 0.12},
                                .tpot_s = {0.02, 0.018, 0.03},
                                .mtp_speedup = {1, 1, 1},
                                .usd_per_million_prompt_tokens = {0.5, 0.4, 0.6},
                                .usd_per_million_output_tokens = {0.5, 0.4, 0.6}},
          .iterations = {invented_iteration("prefill"), invented_iteration("decode")},
          .queue = invented_load(1),
          .queue_ends = QueueEnds{.fast = invented_load(0.5), .slow = invented_load(2)},
          .assumptions = {{"launch_gap",
                           "1 us",
                           "0 us to 2 us",
                           "not measured",
                           {0.1, 0.09, 0.11},
                           {0.02, 0.019, 0.021}}},
          .shares = {0.7, 0.2, 0.1},
          .outside_range = {"decode, head: product 64 x 16160 x 7168"},
          .published = {},
          .inputs = {{"a.toml", "00ff"}},
          .engine = {.fidelity = "folded",
                     .ranks = 1,
                     .ops = 2000,
                     .wall = {0.5},
                     .peak_rss = {1e8},
                     .threads = 2}};
}

}  // namespace windtunnel
