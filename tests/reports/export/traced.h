// Simulated steps that the exporters' tests share.
#pragma once

#include <limits>

#include "reports/export/rank_slices.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {

inline constexpr TraceWindow kWholeStep{0, std::numeric_limits<std::int64_t>::max()};

inline TracedStep traced_of(const Scenario& scenario, Fidelity fidelity = Fidelity::kFolded) {
  return trace_step(scenario, {.fidelity = fidelity, .threads = 1, .root = ".", .progress = {}});
}

/// One chunk pair of four MoE layers of V3: one pipeline rank, experts over 64 GPUs.
inline const TracedStep& traced_pair() {
  static const TracedStep step = traced_of(pair_of_layers());
  return step;
}

/// Llama 8B: two pipeline ranks of 8 data ranks of 4 tensor ranks, all of them simulated.
inline const TracedStep& traced_pipeline() {
  static const TracedStep step = traced_of(dense_cluster(), Fidelity::kFull);
  return step;
}

/// All GPUs of a full step that lead a simulated rank's lock-step.
inline std::vector<TraceRank> first_of_each_rank(const TracedStep& traced) {
  std::vector<TraceRank> ranks;
  const int members = traced.simulated.step.members;
  for (int rank = 0; rank < traced.simulated.step.pipeline_ranks * members; ++rank) {
    ranks.push_back({.gpu = rank * gpus_per_data_rank(traced.scenario),
                     .rank = rank,
                     .pipeline = rank / members});
  }
  return ranks;
}

}  // namespace windtunnel
