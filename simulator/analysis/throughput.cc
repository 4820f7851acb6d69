#include "simulator/analysis/throughput.h"

#include <numeric>
#include <vector>

#include "simulator/model/parameters.h"

namespace windtunnel {

namespace {

/// The layers that run: a part of the model has neither embedding nor head.
Architecture simulated_part(const Scenario& scenario) {
  Architecture part = scenario.model;
  if (!scenario.stages.first_layer) return part;
  const auto first = part.layers.begin() + *scenario.stages.first_layer;
  const int count =
      std::accumulate(scenario.stages.layers.begin(), scenario.stages.layers.end(), 0);
  part.layers = std::vector<Layer>(first, first + count);
  part.vocabulary = 0;
  return part;
}

}  // namespace

Throughput throughput(const Scenario& scenario, Seconds step_time) {
  // A pair runs half of each of two micro-batches; a step runs all of its sequences.
  const double share = scenario.kind == ScenarioKind::kOverlappedPair ? 0.5 : 1.0;
  const double tokens =
      share * static_cast<double>(scenario.batch.sequences) * scenario.batch.sequence_length;
  const double per_second = tokens / step_time.value;
  const double per_gpu = per_second / gpu_count(scenario.cluster);
  const TokenFlops flops =
      training_flops_per_token(simulated_part(scenario), attention_length(scenario.batch));
  const double peak = scenario.cluster.gpu.bf16_peak.value;
  const double causal = per_gpu * flops.causal.value;
  const double full = per_gpu * flops.full.value;
  return {.tokens_per_s_per_gpu = per_gpu,
          .tokens_per_day = per_second * 86400,
          .tflops_per_gpu = {.causal = causal / 1e12, .noncausal = full / 1e12},
          .mfu = {.causal = causal / peak, .noncausal = full / peak}};
}

}  // namespace windtunnel
