#include "simulator/workload/expert_load.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "simulator/base/random.h"
#include "simulator/workload/expert_placement.h"

namespace windtunnel {
namespace {

/// Any fixed number: two runs of a scenario have the same popular experts.
constexpr std::uint64_t kPopularitySeed = 20250225;

void scale_to_mean(std::vector<double>& loads, double mean) {
  const double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
  for (double& load : loads) load *= mean * static_cast<double>(loads.size()) / sum;
}

/// The k-th in a drawn order has k^-exponent.
std::vector<double> zipf_loads(double exponent, int index, int experts) {
  std::vector<std::uint64_t> drawn;
  for (int expert = 0; expert < experts; ++expert) {
    drawn.push_back(mix(kPopularitySeed, static_cast<std::uint64_t>(index),
                        static_cast<std::uint64_t>(expert)));
  }
  std::vector<int> order(drawn.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return drawn[static_cast<std::size_t>(a)] < drawn[static_cast<std::size_t>(b)];
  });
  std::vector<double> loads(drawn.size());
  for (std::size_t k = 0; k < order.size(); ++k) {
    loads[static_cast<std::size_t>(order[k])] = std::pow(static_cast<double>(k + 1), -exponent);
  }
  return loads;
}

/// Loads of expert ranks, each of `expert_tensor` GPUs, as those of data ranks of `per_rank` GPUs.
std::vector<double> data_rank_loads(const std::vector<double>& expert_ranks, int expert_tensor,
                                    int per_rank) {
  std::vector<double> gpus;
  for (const double load : expert_ranks) {
    gpus.insert(gpus.end(), static_cast<std::size_t>(expert_tensor), load);
  }
  const std::size_t width = std::min(static_cast<std::size_t>(per_rank), gpus.size());
  std::vector<double> ranks;
  for (std::size_t first = 0; first < gpus.size(); first += width) {
    const auto begin = gpus.begin() + static_cast<std::ptrdiff_t>(first);
    ranks.push_back(*std::max_element(begin, begin + static_cast<std::ptrdiff_t>(width)));
  }
  return ranks;
}

}  // namespace

std::vector<RoutedLayer> routed_layers(const Architecture& model) {
  std::vector<RoutedLayer> routed;
  int number = 0;
  for (const auto* layers : {&model.layers, &model.mtp}) {
    for (const Layer& layer : *layers) {
      if (const auto* moe = std::get_if<Moe>(&layer.feed_forward)) routed.push_back({number, moe});
      ++number;
    }
  }
  return routed;
}

bool is_skewed(const RoutingSkew& routing) {
  return routing.loads.has_value() || (routing.zipf && routing.zipf->value > 0);
}

std::vector<double> expert_loads(const RoutingSkew& routing, int index, int experts) {
  std::vector<double> loads = routing.loads ? routing.loads->layers[static_cast<std::size_t>(index)]
                                            : zipf_loads(routing.zipf->value, index, experts);
  scale_to_mean(loads, 1);
  return loads;
}

std::vector<RankLoads> rank_loads(const Scenario& scenario) {
  const Skew& skew = scenario.skew;
  if (!skew.routing || !is_skewed(*skew.routing)) return {};
  const Degrees& degrees = scenario.parallelism;
  const int group = degrees.expert * degrees.expert_tensor;
  std::vector<RankLoads> all;
  int index = 0;
  for (const RoutedLayer& layer : routed_layers(scenario.model)) {
    const auto experts = static_cast<int>(layer.moe->routed_experts);
    const std::vector<double> loads = expert_loads(*skew.routing, index++, experts);
    const auto of = [&](const ExpertPlacement& placement) {
      std::vector<double> ranks = gpu_loads(placement, loads);
      scale_to_mean(ranks, 1);
      return data_rank_loads(ranks, degrees.expert_tensor, gpus_per_data_rank(scenario));
    };
    RankLoads ranks{.layer = layer.number,
                    .plain = of(ordered_placement(experts, degrees.expert)),
                    .placed = {}};
    ranks.placed = ranks.plain;
    if (skew.eplb) {
      const bool global = skew.eplb->policy == BalancerPolicy::kGlobal;
      ranks.placed = of(balanced_placement(
          loads, {.gpus = degrees.expert,
                  .nodes = global ? 1 : std::max(1, group / scenario.cluster.gpus_per_node),
                  .groups = global ? 1 : static_cast<int>(layer.moe->groups),
                  .places = experts + skew.eplb->redundant}));
    }
    all.push_back(std::move(ranks));
  }
  return all;
}

}  // namespace windtunnel
