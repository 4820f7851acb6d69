#include "simulator/workload/serving/unit_skew.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "simulator/workload/assumption_fields.h"
#include "simulator/workload/expert_load.h"
#include "simulator/workload/expert_placement.h"
#include "simulator/workload/rejection.h"
#include "simulator/workload/serving/unit_network.h"
#include "simulator/workload/skew_file.h"

namespace windtunnel {
namespace {

Fields<ServingBalancer> serving_balancer_fields() {
  return Fields<ServingBalancer>("skew.eplb")
      .required("policy", &ServingBalancer::policy, balancer_policies(),
                "copies within the node of an expert's group, or anywhere")
      .optional("redundant", &ServingBalancer::redundant, between(0, 1 << 20),
                "of training: a unit says it itself, as redundant_experts");
}

/// Layers with experts that the deployment runs.
std::vector<RoutedLayer> served_layers(const ServingScenario& scenario) {
  std::vector<RoutedLayer> layers = routed_layers(scenario.model);
  const auto most = static_cast<int>(scenario.model.layers.size()) + scenario.mtp.depth;
  std::erase_if(layers, [most](const RoutedLayer& layer) { return layer.number >= most; });
  return layers;
}

/// Rows of each expert that is dispatched to, over those of the mean routed one: a shared expert
/// gets all tokens, a routed one top_k / experts of them on average.
std::vector<double> dispatched_loads(const ServingScenario& scenario, const ServingUnit& unit,
                                     const Moe& moe, int index) {
  const auto experts = static_cast<int>(moe.routed_experts);
  std::vector<double> loads = expert_loads(*scenario.skew.routing, index, experts);
  const double shared = static_cast<double>(experts) / static_cast<double>(moe.top_k);
  if (unit.shared_routed)
    loads.insert(loads.end(), static_cast<std::size_t>(moe.shared_experts), shared);
  return loads;
}

int unit_nodes(const ServingScenario& scenario, const ServingUnit& unit) {
  return std::max(1, unit.gpus / scenario.cluster.gpus_per_node);
}

double fullest(const ExpertPlacement& placement, const std::vector<double>& loads) {
  const std::vector<double> ranks = gpu_loads(placement, loads);
  const double sum = std::accumulate(ranks.begin(), ranks.end(), 0.0);
  return *std::max_element(ranks.begin(), ranks.end()) * static_cast<double>(ranks.size()) / sum;
}

/// The mean over layers of the fullest rank's load.
void place_in_unit(const ServingScenario& scenario, ServingUnit& unit) {
  const auto& skew = scenario.skew;
  if (!skew.routing || unit.expert == 1) return;
  const std::vector<RoutedLayer> layers = served_layers(scenario);
  double plain = 0;
  double placed = 0;
  bool in_order = true;
  int index = 0;
  for (const RoutedLayer& layer : layers) {
    const Moe& moe = *layer.moe;
    const std::vector<double> loads = dispatched_loads(scenario, unit, moe, index++);
    const auto experts = static_cast<int>(moe.routed_experts);
    in_order = in_order && !unit.shared_routed && experts % unit.expert == 0;
    const double ordered = in_order ? fullest(ordered_placement(experts, unit.expert), loads) : 0;
    plain += ordered;
    const bool global = skew.eplb && skew.eplb->policy == BalancerPolicy::kGlobal;
    placed += !skew.eplb ? ordered
                         : fullest(balanced_placement(
                                       loads, {.gpus = unit.expert,
                                               .nodes = global ? 1 : unit_nodes(scenario, unit),
                                               .groups = global ? 1 : static_cast<int>(moe.groups),
                                               .places = experts + unit.redundant_experts}),
                                   loads);
  }
  const auto count = static_cast<double>(layers.size());
  unit.skew.placed = placed / count;
  if (in_order) unit.skew.plain = plain / count;
}

/// The slowest GPU keeps its unit waiting at every dispatch.
double slowest_of(const ServingScenario& scenario, const ServingUnit& unit, bool prefill) {
  double slowest = 1;
  if (!scenario.skew.speed) return slowest;
  const int first = first_gpu(scenario, prefill, 0);
  for (const Straggler& slow : scenario.skew.speed->stragglers) {
    if (slow.rank < first || slow.rank >= first + unit.gpus) continue;
    slowest = std::max(slowest, slow.factor);
  }
  return slowest;
}

void check_routing(const Node& root, ServingScenario& scenario) {
  RoutingSkew& routing = *scenario.skew.routing;
  const auto& prefill = scenario.prefill_unit;
  if (scenario.unit.expert == 1 && (!prefill || prefill->expert == 1)) {
    reject(root, "skew.routing", "no experts are divided among GPUs",
           "a model of experts and unit.expert above 1");
  }
  settle_routing(root, scenario.model, routing);
}

void check_copies(const Node& root, const std::string& table, const ServingScenario& scenario,
                  const ServingUnit& unit) {
  if (unit.expert == 1) return;
  if (!scenario.skew.eplb) {
    if (unit.redundant_experts == 0) return;
    reject(root, table + ".redundant_experts", "copies of popular experts are placed by a balancer",
           "skew.eplb.policy = \"global\" or \"hierarchical\"");
  }
  if (scenario.skew.eplb->policy == BalancerPolicy::kGlobal) return;
  if (unit.shared_routed) {
    reject(root, "skew.eplb.policy", "a shared expert among the copies belongs to no group",
           "\"global\"");
  }
  const int nodes = unit_nodes(scenario, unit);
  for (const RoutedLayer& layer : served_layers(scenario)) {
    if (layer.moe->groups % nodes == 0 && unit.expert % nodes == 0) continue;
    reject(root, "skew.eplb.policy",
           fmt::format("{} nodes of {} do not divide {} groups of experts", nodes, table,
                       layer.moe->groups),
           "\"global\"");
  }
}

void check_balancer(const Node& root, const ServingScenario& scenario) {
  if (!scenario.skew.routing) {
    reject(root, "skew.eplb", "experts are equally popular: nothing is to be balanced",
           "a [skew.routing]");
  }
  if (!scenario.skew.eplb->redundant) return;
  reject(root, "skew.eplb.redundant", "a unit of a deployment says how many copies it holds",
         "unit.redundant_experts");
}

void check_slow(const Node& root, const ServingScenario& scenario, const SpeedSkew& speed) {
  const std::string key = "skew.speed.stragglers";
  const int decoding = scenario.unit.gpus * scenario.unit.count;
  check_stragglers(root, speed, gpu_count(scenario));
  for (const Straggler& slow : speed.stragglers) {
    const bool prefill = slow.rank >= decoding;
    const ServingUnit& unit = prefill ? *scenario.prefill_unit : scenario.unit;
    if (unit.count == 1) continue;
    reject(root, key,
           fmt::format("GPU {} is in one of {} units, which are simulated alike", slow.rank,
                       unit.count),
           fmt::format("a GPU of a unit that is the only one of its kind, or {}.count = 1",
                       prefill ? "prefill_unit" : "unit"));
  }
}

}  // namespace

Fields<ServingSkew> serving_skew_fields() {
  return Fields<ServingSkew>("skew")
      .table("routing", &ServingSkew::routing, routing_fields(),
             "how popular experts are, beside assumptions.expert_load")
      .table("eplb", &ServingSkew::eplb, serving_balancer_fields(),
             "DeepSeek's balancer of experts places a unit's redundant_experts")
      .table("speed", &ServingSkew::speed, speed_fields(), "how fast GPUs are")
      .table("jitter", &ServingSkew::jitter, assumption_fields<double>("jitter", between(0, 0.3)),
             "of training only");
}

void settle_serving_skew(const Node& root, ServingScenario& scenario) {
  ServingSkew& skew = scenario.skew;
  const auto units_are_alike = [&](const std::string& key) {
    reject(root, key, "the units of a deployment are simulated alike, each iteration once",
           "a skew.routing, skew.eplb or skew.speed.stragglers");
  };
  if (skew.jitter) units_are_alike("skew.jitter");
  if (skew.speed && skew.speed->deviation) units_are_alike("skew.speed.deviation");
  if (skew.routing) check_routing(root, scenario);
  if (skew.eplb) check_balancer(root, scenario);
  if (skew.routing) {
    check_copies(root, "unit", scenario, scenario.unit);
    if (scenario.prefill_unit) {
      check_copies(root, "prefill_unit", scenario, *scenario.prefill_unit);
    }
  }
  if (skew.speed) check_slow(root, scenario, *skew.speed);
  place_experts(scenario);
}

void place_experts(ServingScenario& scenario) {
  const auto place = [&](ServingUnit& unit, bool prefill) {
    unit.skew = {};
    place_in_unit(scenario, unit);
    unit.skew.slowest = slowest_of(scenario, unit, prefill);
  };
  place(scenario.unit, false);
  if (scenario.prefill_unit) place(*scenario.prefill_unit, true);
}

}  // namespace windtunnel
