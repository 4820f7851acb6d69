// Small plans on small fabrics for tests: rates in bytes per second that are easy to divide.
#pragma once

#include "tests/workload/step_plans.h"

namespace windtunnel::testing {

/// Leaves of 4 GPUs under spines of 8 ports; links as fast as NICs (40 kB/s).
inline Fabric small_fabric(FabricKind kind, double oversubscription) {
  const bool pods = kind == FabricKind::kThreeLayerFatTree;
  const bool planes = kind == FabricKind::kMultiPlaneFatTree;
  return {.kind = kind,
          .radix = 8,
          .leaf_down = 4,
          .oversubscription = oversubscription,
          .core_oversubscription = pods ? std::optional(2.0) : std::nullopt,
          .planes = planes ? std::optional(2) : std::nullopt,
          .link_rate = {40'000},
          .hop_latency = {0},
          .routing = Routing::kAdaptive,
          .failed_uplinks = {},
          .failed_core_links = {},
          .prices = {.of_switch = {1},
                     .link = {1},
                     .endpoint = {1},
                     .basis = PriceBasis::kAssumed,
                     .splits = {},
                     .source = "test"},
          .source = "test"};
}

/// Two pipeline ranks of 8 data ranks, a GPU each, on nodes of two; expert groups of all 8, which
/// are 4 nodes.
inline StepPlan small_network(const Fabric& fabric, int ranks = 2, const char* schedule = "1f1b") {
  StepPlan plan = routed_plan(*find_schedule(schedule), ranks, 2 * ranks, 8, 8, 0);
  plan.network = NetworkShape{.fabric = fabric,
                              .gpus_per_node = 2,
                              .gpus_per_rank = 1,
                              .tensor = 1,
                              .expert_gpus = 8,
                              .nics = {},
                              .expert_share = {},
                              .port_capacity = 1'000'000,
                              .port_latency = {0}};
  plan.network->expert_share.assign(static_cast<std::size_t>(ranks), 0.5);
  return plan;
}

}  // namespace windtunnel::testing
